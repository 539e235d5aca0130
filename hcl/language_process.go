package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

var degradable = plan.Degradable

var commandLanguage = &block{
	name: "command", label: "name", labelOf: commandName, own: true,
	doc: "Details of one command; it need not stand in `commands` as well. Not inherited.",
	attributes: []attribute{
		{name: "exec", of: aProgram, fallback: "the command's name", doc: "the program: a name, looked for on PATH after the wrapper directory, or an absolute path"},
		{name: "args", shape: sequence, of: anArgument, fallback: "[]", doc: "arguments that are put before the caller's"},
		{name: "digest", of: aDigest, fallback: "any content", doc: "the SHA-256 digest of the program's file; with any other content it is not started"},
	},
	example: `
profile "search" {
  command "rg" {
    exec   = "/usr/bin/rg"
    args   = ["--no-config"]
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  }
}
`,
}

var environmentLanguage = &block{
	name: "environment",
	doc: "Which variables the program gets. PATH (without the wrapper directory), HOME, USER, LOGNAME, SHELL and PWD are always there, " +
		"and TMPDIR where there is a session directory.",
	attributes: []attribute{
		{name: "pass", shape: list, of: variablePattern, fallback: `["TERM", "COLORTERM", "LANG", "LC_*", "TZ"]`,
			doc: "variables of the caller to pass on; `*` stands for any characters"},
		{name: "set", shape: mapping, of: variableValue, fallback: "{}", doc: "variables with a value: text, or a path"},
		{name: "unset", shape: list, of: variablePattern, fallback: "[]", doc: "variables not to pass on, whatever `pass` says"},
	},
	blocks: []*block{secretLanguage},
	example: `
profile "environs" {
  environment {
    pass  = ["LANG", "LC_*", "TERM", "npm_config_*"]
    set   = { NO_UPDATE_NOTIFIER = "1", CACHE = "${xdg.cache}/tool" }
    unset = ["NODE_OPTIONS"]
  }
}
`,
}

var secretLanguage = &block{
	name: "secret", label: "variable", labelOf: variableName,
	doc: "A variable whose value is read when the program starts; it never stands in a wrapper. Give `file` or `command`.",
	attributes: []attribute{
		{name: "file", of: aPath, doc: "the file that holds the value"},
		{name: "command", shape: sequence, of: anArgument, doc: "a program and its arguments, run outside; it prints the value"},
	},
	example: `
profile "secretive" {
  environment {
    secret "NPM_TOKEN" { file = "${home}/.config/husk/npm-token" }
    secret "API_KEY" { command = ["pass", "show", "api"] }
  }
}
`,
}

var namespacesLanguage = &block{
	name: "namespaces",
	doc:  "All kinds of namespaces are new for every run.",
	attributes: []attribute{
		{name: "share", shape: list, of: oneWordOf(plan.AllNamespaces...), fallback: "[]", doc: "kinds that are the host's instead"},
	},
	example: `
profile "clocked" {
  namespaces { share = ["time"] }
}
`,
}

var limitsLanguage = &block{
	name: "limits",
	doc: "Bounds on what the program uses; [limits.md](limits.md) says who keeps each. Sizes are bytes or have K, M, G or T (powers of 1024); " +
		"times are seconds or have s, m or h; `\"unlimited\"` lifts a bound. A bound never raises what the caller has.",
	attributes: []attribute{
		{name: plan.LimitProcesses, of: orUnlimited(aCount), fallback: "4096", doc: "processes and threads; the default is at most 512, and 512 more for each processor"},
		{name: plan.LimitFiles, of: orUnlimited(aCount), fallback: "65536", doc: "open descriptors of one process"},
		{name: plan.LimitMemory, of: orUnlimited(aSize), fallback: `"16G"`,
			doc: "memory, of each process and, in a cgroup, of all together; the default is at most three quarters of the machine's"},
		{name: plan.LimitFileSize, of: orUnlimited(aSize), fallback: "none", doc: "size of one file that it writes"},
		{name: plan.LimitCPUTime, of: orUnlimited(aDuration), fallback: "none", doc: "CPU time of one process"},
		{name: plan.LimitWallTime, of: orUnlimited(aDuration), fallback: "none", doc: "time that it may run: SIGTERM then, and SIGKILL ten seconds later"},
		{name: plan.LimitCore, of: orUnlimited(aSizeOrZero), fallback: "0", doc: "size of a core dump"},
		{name: plan.LimitCPU, of: orUnlimited(aShare), fallback: "none", doc: "processors that all processes together may use; needs a cgroup"},
		{name: "cgroup", of: oneWordOf(plan.CgroupAuto, plan.CgroupRequired, plan.CgroupOff), fallback: `"auto"`,
			doc: "a cgroup of its own for every session: auto where one can be had, required or nothing starts, off"},
	},
	example: `
profile "bounded" {
  limits {
    processes = 512
    files     = 4096
    memory    = "4G"
    file_size = "2G"
    cpu_time  = "10m"
    wall_time = "1h"
    core      = 0
    cpu       = 2
    cgroup    = "required"
  }
}
`,
}

var identityLanguage = &block{
	name: "identity",
	doc:  "Who the program is.",
	attributes: []attribute{
		{name: "user", of: oneWordOf(plan.IdentitySelf, plan.IdentityRoot, plan.IdentityDedicated, plan.IdentityUnique), fallback: `"self"`,
			doc: "self: the caller; root: user 0 inside; dedicated: a subordinate user of the profile's own; unique: a fresh one for each run"},
		{name: "title", of: trueOrFalse, fallback: "false", doc: "true: argv[0] is `husk:PROFILE/COMMAND`, so that ps shows that the program is sandboxed"},
		{name: "dumpable", of: trueOrFalse, fallback: "true", doc: "false: no other process of the sandbox may trace the program or read its memory, and it leaves no core"},
	},
	example: `
profile "someone" {
  identity {
    user  = "root"
    title = true

    dumpable = false
  }
}
`,
}

var terminalLanguage = &block{
	name: "terminal",
	doc:  "The controlling terminal.",
	attributes: []attribute{
		{name: "new_session", of: trueOrFalse, fallback: "false", doc: "true: a session of its own, without a controlling terminal"},
	},
	example: `
profile "detached" {
  terminal { new_session = true }
}
`,
}

var lateDropLanguage = &block{
	name: "late_drop",
	doc:  "The interface of the old setuid sandbox helper, for programs that give up the file system after their start.",
	attributes: []attribute{
		{name: "chroot", of: trueOrFalse, fallback: "false", doc: "true: the program may ask, on the descriptor that SBX_D names, for an empty root directory"},
	},
	example: `
profile "dropping" {
  late_drop { chroot = true }
}
`,
}
