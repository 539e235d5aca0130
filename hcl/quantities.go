package hcl

import (
	"strconv"
	"time"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// LimitText is a limit's value as profiles write it.
func LimitText(l plan.Limit) string {
	if l.Value == plan.Unlimited {
		return "unlimited"
	}
	switch l.Name {
	case plan.LimitCPU:
		return strconv.FormatUint(l.Value, 10) + "%"
	case plan.LimitMemory, plan.LimitFileSize, plan.LimitCore:
		return SizeText(l.Value)
	case plan.LimitCPUTime, plan.LimitWallTime:
		if l.Value < 1<<32 {
			return (time.Duration(l.Value) * time.Second).String()
		}
	}
	return strconv.FormatUint(l.Value, 10)
}

// SizeText is a number of bytes as profiles write it.
func SizeText(bytes uint64) string {
	for _, u := range []struct {
		suffix string
		shift  uint
	}{{"T", 40}, {"G", 30}, {"M", 20}, {"K", 10}} {
		if bytes >= 1<<u.shift && bytes%(1<<u.shift) == 0 {
			return strconv.FormatUint(bytes>>u.shift, 10) + u.suffix
		}
	}
	return strconv.FormatUint(bytes, 10)
}
