package encode

import (
	"slices"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// provenance is where a plan comes from, in the shape that [plan.Decode] reads.
type provenance struct {
	Source  string    `json:"source"`
	Ways    []way     `json:"ways,omitempty"`
	Places  [][2]int  `json:"places,omitempty"` // a way's number and a line, for each origin
	Written []written `json:"written,omitempty"`
}

type way struct {
	Profile string   `json:"profile"`
	File    string   `json:"file"`
	Through []string `json:"through,omitempty"`
}

type written struct {
	Name   string `json:"name"`
	Word   string `json:"word,omitempty"`
	Origin int    `json:"origin"`
}

// provenanceOf puts the origins into the ways that they share.
func provenanceOf(p *plan.Plan) provenance {
	out := provenance{Source: p.Source}
	for _, o := range p.Origins {
		same := func(w way) bool {
			return w.Profile == o.Profile && w.File == o.File && slices.Equal(w.Through, o.Through)
		}
		i := slices.IndexFunc(out.Ways, same)
		if i < 0 {
			i = len(out.Ways)
			out.Ways = append(out.Ways, way{o.Profile, o.File, o.Through})
		}
		out.Places = append(out.Places, [2]int{i, o.Line})
	}
	for _, w := range p.Written {
		out.Written = append(out.Written, written(w))
	}
	return out
}
