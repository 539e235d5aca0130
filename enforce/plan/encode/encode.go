// Package encode writes plans. It stands apart from package plan, which the
// enforcer links, because it needs encoding/json and its reflection.
package encode

import (
	"bytes"
	"encoding/json"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Plan gives p as indented JSON with a newline at its end. The same plan gives
// the same bytes: there is no map in it and no time. What [plan.Decode] would
// refuse comes back as its error, so that no renderer writes a dead wrapper.
func Plan(p *plan.Plan) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(p); err != nil {
		return nil, err
	}
	if _, err := plan.Decode(out.Bytes()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
