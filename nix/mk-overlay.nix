# mkOverlay { jq = pkgs: { package = pkgs.jq; profile = ./jq.hcl; }; } is an overlay that
# adds husked.jq. The arguments are wrap's; the name is the attribute's unless given.
wrappers: final: prev: {
  husked =
    (prev.husked or { })
    // final.lib.mapAttrs (name: arguments: final.husk.wrap ({ inherit name; } // arguments final)) wrappers;
}
