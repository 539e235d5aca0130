package plan

import "strconv"

// NoOrigin marks a rule that no profile line asked for: husk's own.
const NoOrigin = -1

// Origin is the place a rule comes from.
type Origin struct {
	// Profile is the profile whose text holds the rule.
	Profile string
	// File and Line (from 1) are where it stands; Line is 0 where File says it
	// all: a flag of the command line.
	File string
	Line int
	// Through is the chain of profiles that led to it, the plan's own profile
	// first, Profile last; empty where the rule is the profile's own.
	Through []string
}

// Place is "file:line".
func (o Origin) Place() string {
	if o.Line == 0 {
		return o.File
	}
	return o.File + ":" + strconv.Itoa(o.Line)
}

// Written is the origin of what a profile says and what has no field for it in
// the plan: a single value ("filesystem.view"), or one word of a list
// ("degrade", with the word).
type Written struct {
	Name   string
	Word   string
	Origin int
}

// Origin gives the place of rule index i; ok is false for husk's own rules.
func (p *Plan) Origin(i int) (o Origin, ok bool) {
	if i < 0 || i >= len(p.Origins) {
		return Origin{}, false
	}
	return p.Origins[i], true
}

// OriginOf gives the index of the origin of a single value, or of one word of a
// list; NoOrigin where no profile says it.
func (p *Plan) OriginOf(name, word string) int {
	for _, w := range p.Written {
		if w.Name == name && w.Word == word {
			return w.Origin
		}
	}
	return NoOrigin
}

// In the file, all that says where the policy comes from stands in one object
// at its end, and each rule has a number of its own: the policy before it is the
// same for the same profile, however its text is laid out and in whichever
// syntax. Rules of one profile share a way:
//
//	"provenance": {
//	  "source": "/home/ann/.config/husk/profiles/npm.hcl",
//	  "ways": [{"profile": "library/npm", "file": "library/npm.hcl", "through": ["npm", "library/npm"]}],
//	  "places": [[0,15],[0,18]],
//	  "written": [{"name": "filesystem.view", "origin": 1}]
//	}
//
// The n-th place is origin n: the number of a way, and a line.

// way is a file with the chain of profiles that leads to it.
type way struct {
	profile, file string
	through       []string
}

func (w *way) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "profile":
			w.profile = d.str()
		case "file":
			w.file = d.str()
		case "through":
			d.strs(&w.through)
		default:
			d.unknown(key)
		}
	})
}

func (w *Written) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "name":
			w.Name = d.str()
		case "word":
			w.Word = d.str()
		case "origin":
			w.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (p *Plan) decodeProvenance(d *decoder) {
	var ways []way
	var places [][2]int
	d.object(func(key string) {
		switch key {
		case "source":
			p.Source = d.str()
		case "ways":
			list(d, &ways, func(w *way) { w.decode(d) })
		case "places":
			list(d, &places, func(at *[2]int) { *at = d.pair() })
		case "written":
			list(d, &p.Written, func(w *Written) { w.decode(d) })
		default:
			d.unknown(key)
		}
	})
	if len(places) == 0 {
		return
	}
	p.Origins = make([]Origin, len(places))
	for i, at := range places {
		if at[0] < 0 || at[0] >= len(ways) {
			d.fail("a place has no way")
			return
		}
		w := ways[at[0]]
		p.Origins[i] = Origin{Profile: w.profile, File: w.file, Line: at[1], Through: w.through}
	}
}

// pair reads an array of two whole numbers.
func (d *decoder) pair() (two [2]int) {
	d.expect('[')
	two[0] = d.num()
	d.expect(',')
	two[1] = d.num()
	d.expect(']')
	return two
}
