package hcl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// yes writes a flag as a word that ranked can compare.
func yes(flag bool) string {
	if flag {
		return "yes"
	}
	return "no"
}

// modes compares home and tmp.
func (d *differ) modes() {
	d.ranked("home", "mode", d.a.Home.Mode, d.b.Home.Mode, d.a.Home.Origin, d.b.Home.Origin,
		plan.HomeGranted, plan.HomePrivate, plan.HomePersistent, plan.HomeHost)
	a, b := d.a.Tmp, d.b.Tmp
	d.ranked("tmp", "mode", a.Mode, b.Mode, a.Origin, b.Origin, plan.TmpSession, plan.TmpHost)
	d.ranked("tmp", "slash_tmp", a.SlashTmp, b.SlashTmp, a.Origin, b.Origin, plan.SlashTmpDenied, plan.SlashTmpPrivate)
	d.ranked("tmp", "strict", yes(a.Strict), yes(b.Strict), a.Origin, b.Origin, "yes", "no")
	d.ranked("tmp", "cleanup", a.Cleanup, b.Cleanup, a.Origin, b.Origin)
	if a.Size != b.Size {
		d.add(Differs, "tmp", "size "+tmpSize(b)+" instead of "+tmpSize(a), b.Origin)
	}
}

func tmpSize(t plan.Tmp) string {
	if t.Size == 0 {
		return "without a bound"
	}
	return SizeText(t.Size)
}

// others compares what has few values.
func (d *differ) others() {
	a, b := d.a, d.b
	if program(a) != program(b) {
		d.add(Differs, "program", program(b)+" instead of "+program(a), plan.NoOrigin)
	}
	d.ranked("program", "digest", digest(a), digest(b), plan.NoOrigin, plan.NoOrigin)
	d.words("namespaces", "share", func(p *plan.Plan) ([]string, int) { return p.Namespaces.Share, p.Namespaces.Origin })
	d.words("descriptors", "descriptor", func(p *plan.Plan) ([]string, int) { return decimals(p.Descriptors), plan.NoOrigin })
	d.words("degrade", "without", func(p *plan.Plan) ([]string, int) { return p.Degrade, plan.NoOrigin })
	d.ranked("identity", "user", a.Identity.User, b.Identity.User, a.Identity.Origin, b.Identity.Origin)
	d.ranked("identity", "title", yes(a.Identity.Title), yes(b.Identity.Title), a.Identity.Origin, b.Identity.Origin)
	d.ranked("identity", "dumpable", yes(!a.Identity.Undumpable), yes(!b.Identity.Undumpable), a.Identity.Origin, b.Identity.Origin, "no", "yes")
	d.ranked("terminal", "new_session", yes(a.Terminal.NewSession), yes(b.Terminal.NewSession), a.Terminal.Origin, b.Terminal.Origin, "yes", "no")
	d.ranked("late_drop", "chroot", yes(a.LateDrop != nil), yes(b.LateDrop != nil), plan.NoOrigin, plan.NoOrigin)
	d.supervise()
	d.verify()
}

func decimals(numbers []int) []string {
	var all []string
	for _, n := range numbers {
		all = append(all, strconv.Itoa(n))
	}
	return all
}

// program is what a plan starts; a profile without commands names nothing.
func program(p *plan.Plan) string {
	if p.Program.Path == "" {
		return "none"
	}
	return strings.TrimSpace(p.Program.Path + " " + strings.Join(p.Program.Args, " "))
}

func digest(p *plan.Plan) string {
	if p.Program.Digest == "" {
		return "any"
	}
	return p.Program.Digest
}

func (d *differ) supervise() {
	silent := plan.Supervise{OnDenied: "deny", Approver: "deny", Origin: plan.NoOrigin}
	a, b := silent, silent
	if d.a.Supervise != nil {
		a = *d.a.Supervise
	}
	if d.b.Supervise != nil {
		b = *d.b.Supervise
	}
	d.ranked("supervise", "on_denied", a.OnDenied, b.OnDenied, a.Origin, b.Origin, "deny", "ask")
	d.ranked("supervise", "approver", a.Approver, b.Approver, a.Origin, b.Origin, "deny", "tty")
	if fmt.Sprint(a.Rate, a.Burst, a.Audit) != fmt.Sprint(b.Rate, b.Burst, b.Audit) {
		d.add(Differs, "supervise", fmt.Sprintf("rate %q, burst %d, audit %q instead of %q, %d, %q",
			b.Rate, b.Burst, b.Audit, a.Rate, a.Burst, a.Audit), b.Origin)
	}
}

// verify compares pins: one that is missing permits any content.
func (d *differ) verify() {
	d.bothWays(func(effect Effect, from, to *plan.Plan) {
		for _, v := range from.Verify {
			same := func(o plan.Verify) bool { return o.Path == v.Path && o.SHA256 == v.SHA256 }
			if !slices.ContainsFunc(to.Verify, same) {
				d.add(effect, "verify", "another content of "+v.Path.String(), plan.NoOrigin)
			}
		}
	})
}
