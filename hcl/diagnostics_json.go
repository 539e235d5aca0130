package hcl

import (
	"encoding/json"

	hashi "github.com/hashicorp/hcl/v2"
)

// DiagnosticsVersion is the version of the shape that [DiagnosticsJSON] gives.
// It grows when a field changes its meaning or goes; fields may be added.
const DiagnosticsVersion = 1

// jsonReport is the shape of `husk check --format json`.
type jsonReport struct {
	Version     int              `json:"version"`
	Errors      int              `json:"errors"`
	Warnings    int              `json:"warnings"`
	LeftOut     int              `json:"left_out,omitempty"`
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
}

type jsonDiagnostic struct {
	Severity string `json:"severity"` // "error" or "warning"
	Summary  string `json:"summary"`
	Detail   string `json:"detail,omitempty"`
	File     string `json:"file,omitempty"`
	// Range is absent where the diagnostic is about no place.
	Range *jsonRange `json:"range,omitempty"`
}

// jsonRange is from Start up to but not including End.
type jsonRange struct {
	Start jsonPos `json:"start"`
	End   jsonPos `json:"end"`
}

// jsonPos counts lines and columns (in characters) from 1, bytes from 0.
type jsonPos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// DiagnosticsJSON gives diagnostics for editors and scripts: an object with
// version, errors, warnings and diagnostics, each with severity, summary,
// detail, file and range.
func DiagnosticsJSON(d Diagnostics) ([]byte, error) {
	report := jsonReport{
		Version: DiagnosticsVersion, Errors: d.Errors(), Warnings: d.Warnings(), LeftOut: d.LeftOut,
		Diagnostics: []jsonDiagnostic{},
	}
	for _, p := range d.List {
		j := jsonDiagnostic{Severity: "error", Summary: p.Summary, Detail: p.Detail}
		if p.Severity == hashi.DiagWarning {
			j.Severity = "warning"
		}
		if p.Subject != nil {
			j.File = p.Subject.Filename
			j.Range = &jsonRange{Start: jsonPosOf(p.Subject.Start), End: jsonPosOf(p.Subject.End)}
		}
		report.Diagnostics = append(report.Diagnostics, j)
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

func jsonPosOf(p hashi.Pos) jsonPos { return jsonPos{Line: p.Line, Column: p.Column, Byte: p.Byte} }
