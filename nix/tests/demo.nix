# A package with everything that a wrapped one has to keep.
{ buildGoModule, lib }:
buildGoModule {
  pname = "demo";
  version = "1.2";
  src = ./demo;
  vendorHash = null;
  outputs = [
    "out"
    "man"
  ];
  env.CGO_ENABLED = "0";
  postInstall = ''
    ln -s demo $out/bin/demo-other
    mkdir -p $man/share/man/man1 $out/share/applications $out/share/bash-completion/completions
    mkdir -p $out/share/dbus-1/services $out/lib/systemd/user
    echo '.TH demo 1' > $man/share/man/man1/demo.1
    echo 'complete demo' > $out/share/bash-completion/completions/demo
    printf '[Desktop Entry]\nType=Application\nName=Demo\nExec=%s/bin/demo read %%f\nTryExec=%s/bin/demo\nX-Other=%s/bin/demo-other\n' $out $out $out \
      > $out/share/applications/demo.desktop
    printf '[D-BUS Service]\nName=org.example.Demo\nExec=%s/bin/demo\n' $out > $out/share/dbus-1/services/demo.service
    printf '[Service]\nExecStart=%s/bin/demo read /etc/hostname\n' $out > $out/lib/systemd/user/demo.service
  '';
  meta = {
    description = "reads and writes files";
    mainProgram = "demo";
    license = lib.licenses.mit;
    outputsToInstall = [
      "out"
      "man"
    ];
  };
}
