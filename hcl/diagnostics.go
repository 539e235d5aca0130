package hcl

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	hashi "github.com/hashicorp/hcl/v2"
)

// Diagnostics are errors and warnings about profiles, with the sources that
// are needed to show the lines they are about.
type Diagnostics struct {
	// List is sorted by file and place and holds nothing twice.
	List hashi.Diagnostics
	// Sources are the files' contents, by the names that the ranges use.
	Sources map[string][]byte
	// LeftOut counts those that were too many to keep.
	LeftOut int
}

// HasErrors reports whether one of them is an error.
func (d Diagnostics) HasErrors() bool { return d.List.HasErrors() }

// Errors counts the errors.
func (d Diagnostics) Errors() int {
	n := 0
	for _, p := range d.List {
		if p.Severity == hashi.DiagError {
			n++
		}
	}
	return n
}

// Warnings counts the warnings.
func (d Diagnostics) Warnings() int { return len(d.List) - d.Errors() }

// And gives the diagnostics of both, sorted, without duplicates.
func (d Diagnostics) And(other Diagnostics) Diagnostics {
	sources := make(map[string][]byte, len(d.Sources)+len(other.Sources))
	for name, src := range d.Sources {
		sources[name] = src
	}
	for name, src := range other.Sources {
		sources[name] = src
	}
	all := collect(sources, append(slices.Clone(d.List), other.List...))
	all.LeftOut += d.LeftOut + other.LeftOut
	return all
}

// problem is an error at a place: what is wrong, and what to write instead.
func problem(at hashi.Range, summary, detail string) *hashi.Diagnostic {
	return &hashi.Diagnostic{Severity: hashi.DiagError, Summary: summary, Detail: detail, Subject: &at, Extra: ours{}}
}

// caution is a warning at a place.
func caution(at hashi.Range, summary, detail string) *hashi.Diagnostic {
	return &hashi.Diagnostic{Severity: hashi.DiagWarning, Summary: summary, Detail: detail, Subject: &at, Extra: ours{}}
}

// ours marks diagnostics that are worded here, unlike those of the HCL
// library.
type ours struct{}

const summaryNotKnown = "value is not known"

// notKnown is the error of a value that could not be computed because of
// another error. Where that one is shown too, this one is left out.
func notKnown(at hashi.Range) *hashi.Diagnostic {
	return problem(at, summaryNotKnown, "it depends on a variable or local that has an error")
}

// withoutEchoes leaves out the errors that only follow from others.
func withoutEchoes(all hashi.Diagnostics) hashi.Diagnostics {
	cause := func(p *hashi.Diagnostic) bool { return p.Severity == hashi.DiagError && p.Summary != summaryNotKnown }
	if !slices.ContainsFunc(all, cause) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(p *hashi.Diagnostic) bool { return p.Summary == summaryNotKnown })
}

// collect sorts diagnostics, drops repeated ones and brings them all into
// husk's voice; errors come before the bound on their number is applied.
func collect(sources map[string][]byte, all hashi.Diagnostics) Diagnostics {
	d := Diagnostics{Sources: sources}
	type identity struct {
		severity        hashi.DiagnosticSeverity
		at              hashi.Range
		summary, detail string
	}
	seen := make(map[identity]bool, len(all))
	for _, p := range withoutEchoes(all) {
		p = inVoice(p)
		key := identity{severity: p.Severity, summary: p.Summary, detail: p.Detail}
		if p.Subject != nil {
			key.at = *p.Subject
		}
		if !seen[key] {
			seen[key] = true
			d.List = append(d.List, p)
		}
	}
	if len(d.List) > maxDiagnostics {
		slices.SortStableFunc(d.List, func(a, b *hashi.Diagnostic) int { return cmp.Compare(a.Severity, b.Severity) })
		d.LeftOut = len(d.List) - maxDiagnostics
		d.List = d.List[:maxDiagnostics]
	}
	slices.SortStableFunc(d.List, byPlace)
	return d
}

func byPlace(a, b *hashi.Diagnostic) int {
	switch {
	case a.Subject == nil && b.Subject == nil:
		return 0
	case a.Subject == nil:
		return -1
	case b.Subject == nil:
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.Subject.Filename, b.Subject.Filename),
		cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte),
		cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(a.Summary, b.Summary),
	)
}

// inVoice gives the diagnostic as husk speaks: no capital, no full stop, and
// anchors as they are written in a profile.
func inVoice(p *hashi.Diagnostic) *hashi.Diagnostic {
	q := *p
	if _, mine := p.Extra.(ours); mine {
		q.Summary, q.Detail = readable(p.Summary), readable(p.Detail)
	} else {
		q.Summary, q.Detail = reword(p)
		q.Summary, q.Detail = readable(q.Summary), readable(q.Detail)
	}
	// The evaluation context would only keep memory alive.
	q.Expression, q.EvalContext, q.Extra = nil, nil, nil
	return &q
}

func voice(s string) string {
	s = strings.TrimSpace(readable(s))
	if !strings.HasSuffix(s, "...") {
		s = strings.TrimSuffix(s, ".")
	}
	first, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	// A word in capitals (HCL, JSON) keeps them.
	if unicode.IsUpper(first) && !unicode.IsUpper(second) {
		s = string(unicode.ToLower(first)) + s[n:]
	}
	return s
}
