package hcl

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/husk-sandbox/husk/enforce/plan"
)

var (
	aCount      = element{noun: "a number", example: "512", decode: decodeCount}
	aPort       = element{noun: "a port", example: "443", decode: decodePort}
	aDescriptor = element{noun: "a descriptor", example: "3", decode: decodeDescriptor}
	aSize       = element{noun: "a size", example: `"16M"`, decode: decodeUnits(sizeUnits, 1)}
	aSizeOrZero = element{noun: "a size", example: "0", decode: decodeUnits(sizeUnits, 0)}
	aDuration   = element{noun: "a time", example: `"10m"`, decode: decodeUnits(timeUnits, 1)}
	aShare      = element{noun: "a number of processors or a percentage of one", example: `1.5`, decode: decodeShare}
)

// whole gives a number that is whole and not negative.
func whole(v cty.Value) (uint64, bool) {
	f := v.AsBigFloat()
	if !f.IsInt() || f.Sign() < 0 {
		return 0, false
	}
	n, accuracy := f.Uint64()
	return n, accuracy == 0
}

func decodeCount(d *decoder, v cty.Value, at hashi.Range) *value {
	if v.Type() != cty.Number {
		d.report(at, "wrong type", fmt.Sprintf("here stands %s; a plain number is wanted, like 512", kindOf(v)))
		return nil
	}
	n, ok := whole(v)
	if !ok || n == 0 {
		d.report(at, "number out of range", "write a whole number from 1")
		return nil
	}
	return &value{at: at, number: n}
}

// unlimited is the word that lifts a bound.
const unlimited = "unlimited"

// orUnlimited also takes that word.
func orUnlimited(e element) element {
	return element{noun: e.noun + " or `\"" + unlimited + "\"`", example: e.example, decode: func(d *decoder, v cty.Value, at hashi.Range) *value {
		if v.Type() == cty.String && v.AsString() == unlimited {
			return &value{at: at, number: plan.Unlimited}
		}
		return e.decode(d, v, at)
	}}
}

var percentage = lazily(`^([0-9]{1,7})%$`)

// decodeShare takes 2, 0.5 or "150%", and gives percent of one processor.
func decodeShare(d *decoder, v cty.Value, at hashi.Range) *value {
	var n uint64
	var ok bool
	switch v.Type() {
	case cty.Number:
		f := v.AsBigFloat()
		percent, _ := new(big.Float).Mul(f, big.NewFloat(100)).Float64()
		n, ok = uint64(max(0, math.Round(percent))), percent < 1e9
	case cty.String:
		if parts := percentage().FindStringSubmatch(v.AsString()); parts != nil {
			n, _ = strconv.ParseUint(parts[1], 10, 64)
			ok = true
		}
	default:
		d.report(at, "wrong type", fmt.Sprintf("here stands %s; a number of processors is wanted, like 2 or \"150%%\"", kindOf(v)))
		return nil
	}
	if !ok || n == 0 {
		d.report(at, "not a share of processors", "write a number of processors from 0.01, like 2 or 0.5, or a percentage of one, like \"150%\"")
		return nil
	}
	return &value{at: at, number: n}
}

func decodePort(d *decoder, v cty.Value, at hashi.Range) *value {
	if v.Type() != cty.Number {
		d.report(at, "wrong type", fmt.Sprintf("here stands %s; a port is a number without quotes, like 443", kindOf(v)))
		return nil
	}
	n, ok := whole(v)
	if !ok || n == 0 || n > 65535 {
		d.report(at, "port out of range", "write a whole number from 1 to 65535")
		return nil
	}
	return &value{at: at, key: strconv.FormatUint(n, 10), number: n}
}

// maxDescriptor bounds the numbers that a profile may pass on: select(2) and most
// shells go no further.
const maxDescriptor = 1023

func decodeDescriptor(d *decoder, v cty.Value, at hashi.Range) *value {
	if v.Type() != cty.Number {
		d.report(at, "wrong type", fmt.Sprintf("here stands %s; a descriptor is a number without quotes, like 3", kindOf(v)))
		return nil
	}
	n, ok := whole(v)
	if !ok || n < 3 || n > maxDescriptor {
		d.report(at, "descriptor out of range", fmt.Sprintf("write a whole number from 3 to %d; the standard streams, 0 to 2, are always the program's", maxDescriptor))
		return nil
	}
	text := strconv.FormatUint(n, 10)
	return &value{at: at, key: text, text: text, number: n}
}

// units are the letters after a number.
type units struct {
	noun    string
	plain   string // what a number without a letter counts
	example string
	factors map[string]uint64
	hints   map[string]string // what was meant by other spellings
}

var sizeUnits = units{
	noun: "a size", plain: "bytes", example: `"16M" or "4G"`,
	factors: map[string]uint64{"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40},
	hints: map[string]string{
		"B": "", "k": "K", "m": "M", "g": "G", "t": "T", "KB": "K", "MB": "M", "GB": "G", "TB": "T",
		"kB": "K", "kb": "K", "mb": "M", "gb": "G", "tb": "T", "KiB": "K", "MiB": "M", "GiB": "G", "TiB": "T",
		"Ki": "K", "Mi": "M", "Gi": "G", "Ti": "T",
	},
}

var timeUnits = units{
	noun: "a time", plain: "seconds", example: `"30s", "10m" or "1h"`,
	factors: map[string]uint64{"": 1, "s": 1, "m": 60, "h": 3600},
	hints: map[string]string{
		"S": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "M": "m", "min": "m", "mins": "m",
		"minute": "m", "minutes": "m", "H": "h", "hour": "h", "hours": "h",
	},
}

var quantity = lazily(`^([0-9]{1,20})[ ]*([A-Za-z]*)$`)

// decodeUnits decodes numbers with a unit, and plain numbers.
func decodeUnits(u units, least uint64) func(*decoder, cty.Value, hashi.Range) *value {
	return func(d *decoder, v cty.Value, at hashi.Range) *value {
		var n uint64
		var trouble string
		switch v.Type() {
		case cty.Number:
			var ok bool
			if n, ok = whole(v); !ok {
				trouble = fmt.Sprintf("write a whole number of %s, or one like %s", u.plain, u.example)
			}
		case cty.String:
			n, trouble = u.parse(v.AsString())
		default:
			d.report(at, "wrong type", fmt.Sprintf("here stands %s; %s is wanted, like %s", kindOf(v), u.noun, u.example))
			return nil
		}
		if trouble == "" && n < least {
			trouble = fmt.Sprintf("it cannot be %d; write one like %s", n, u.example)
		}
		if trouble != "" {
			d.report(at, "not "+u.noun, trouble)
			return nil
		}
		return &value{at: at, number: n}
	}
}

// parse gives the number that a text like "16M" means, or what to write.
func (u units) parse(s string) (uint64, string) {
	parts := quantity().FindStringSubmatch(s)
	if parts == nil {
		return 0, fmt.Sprintf("%q is not a whole number with a unit; write one like %s", readable(s), u.example)
	}
	factor, known := u.factors[parts[2]]
	if !known || strings.ContainsRune(s, ' ') {
		if meant, ok := u.hints[parts[2]]; ok {
			return 0, fmt.Sprintf("unknown unit in %q; write %q", s, parts[1]+meant)
		}
		if known {
			return 0, fmt.Sprintf("write %q, without the space", parts[1]+parts[2])
		}
		return 0, fmt.Sprintf("unknown unit in %q; write one like %s", s, u.example)
	}
	n, err := strconv.ParseUint(parts[1], 10, 64)
	high, low := bits.Mul64(n, factor)
	if err != nil || high != 0 {
		return 0, fmt.Sprintf("%q is larger than any system can count", s)
	}
	return low, ""
}
