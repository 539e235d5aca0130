// Package encode writes plans. It stands apart from package plan, which the
// enforcer links, because it needs encoding/json and its reflection.
package encode

import (
	"bytes"
	"encoding/json"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Plan gives p as indented JSON with a newline at its end: the policy, and in the
// last line but one where it comes from. The same plan gives the same bytes:
// there is no map in it and no time. What [plan.Decode] would refuse comes back
// as its error, so that no renderer writes a dead wrapper.
func Plan(p *plan.Plan) ([]byte, error) {
	policy, err := marshal(p, " ")
	if err != nil {
		return nil, err
	}
	from, err := marshal(provenanceOf(p), "")
	if err != nil {
		return nil, err
	}
	out := bytes.TrimSuffix(policy, []byte("\n}\n"))
	out = append(out, ",\n \"provenance\": "...)
	out = append(out, from...)
	out = append(out, "}\n"...)
	if _, err := plan.Decode(out); err != nil {
		return nil, err
	}
	return out, nil
}

// marshal gives JSON, in one line without an indentation, with a newline at its end.
func marshal(v any, indent string) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	err := enc.Encode(v)
	return out.Bytes(), err
}
