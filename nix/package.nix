# husk and husk-enforce. Static, so that nothing in a caller's environment is loaded
# into the enforcer, and so that a wrapper's closure is little more than the program's.
{
  lib,
  stdenv,
  buildGoModule,
  callPackage,
  buildPackages,
}:
let
  root = ../.;
  # What does not decide what is built: a change there builds nothing anew.
  # (Filtered with cleanSourceWith, since lib.fileset asks for Nix 2.10.)
  irrelevant = map (name: toString root + "/" + name) [
    ".git"
    ".ci"
    "bin"
    "nix"
    "flake.nix"
    "flake.lock"
    "README.md"
  ];
in
buildGoModule {
  pname = "husk";
  version = "0.1.0";

  src = lib.cleanSourceWith {
    name = "husk-source";
    src = root;
    filter = path: _type: !(builtins.elem (toString path) irrelevant);
  };

  # Kept true by TestVendorHash in nix/tests, which needs no Nix.
  vendorHash = "sha256-JZV95mIZkX+k+t9IoGYcqQ0C6oU7gv+UcpuvGq0glX0=";

  subPackages = [
    "cmd/husk"
    "cmd/husk-enforce"
  ];
  env.CGO_ENABLED = "0";
  ldflags = [
    "-s"
    "-w"
    "-X main.release=0.1.0"
  ];

  # The tests make namespaces and use real npm and curl: they are run by the
  # project's own CI, not by whoever builds the package.
  doCheck = false;

  # The manual pages and completions come from the commands themselves, so from a
  # husk that this machine can run.
  postInstall =
    let
      husk = if stdenv.buildPlatform.canExecute stdenv.hostPlatform then "$out/bin/husk" else "${buildPackages.husk}/bin/husk";
    in
    ''
      export HOME=$TMPDIR
      ${husk} man $out/share/man/man1
      mkdir -p $out/share/bash-completion/completions $out/share/zsh/site-functions $out/share/fish/vendor_completions.d
      ${husk} completion bash > $out/share/bash-completion/completions/husk
      ${husk} completion zsh > $out/share/zsh/site-functions/_husk
      ${husk} completion fish > $out/share/fish/vendor_completions.d/husk.fish
    '';

  passthru = {
    wrap = callPackage ./wrap.nix { };
    # expr "\${project}/src" is HCL inside a setting's string, where any other text is literal.
    inherit (import ./settings.nix) expr;
  };

  meta = {
    description = "Puts a sandbox in front of a command without changing how the command is typed";
    homepage = "https://github.com/husk-sandbox/husk";
    license = lib.licenses.mit;
    mainProgram = "husk";
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
    ];
  };
}
