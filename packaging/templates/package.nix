{ lib, stdenvNoCC, fetchurl, installShellFiles }:

stdenvNoCC.mkDerivation rec {
  pname = "meshcore-keygen";
  version = "@VERSION@";

  src = fetchurl {
    url = "@URL@/releases/download/v${version}/keygen-${version}-x86_64-unknown-linux-musl.tar.gz";
    sha256 = "@SHA256 x86_64-unknown-linux-musl@";
  };

  nativeBuildInputs = [ installShellFiles ];

  installPhase = ''
    install -Dm755 keygen -t $out/bin
    installManPage man/keygen.1
    installShellCompletion --cmd keygen --bash completions/keygen --zsh completions/_keygen --fish completions/keygen.fish
  '';

  meta = {
    description = "Finds MeshCore (Ed25519) keys with a chosen beginning or end";
    homepage = "@URL@";
    license = with lib.licenses; [ mit asl20 ];
    platforms = [ "x86_64-linux" ];
    mainProgram = "keygen";
  };
}
