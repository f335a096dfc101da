class Keygen < Formula
  desc "Finds MeshCore (Ed25519) keys with a chosen beginning or end"
  homepage "@URL@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "@URL@/releases/download/v@VERSION@/keygen-@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256 aarch64-apple-darwin@"
    end
    on_intel do
      url "@URL@/releases/download/v@VERSION@/keygen-@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256 x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "@URL@/releases/download/v@VERSION@/keygen-@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "@URL@/releases/download/v@VERSION@/keygen-@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "keygen"
    man1.install "man/keygen.1"
    bash_completion.install "completions/keygen"
    zsh_completion.install "completions/_keygen"
    fish_completion.install "completions/keygen.fish"
  end

  test do
    system bin/"keygen", "--prefix", "F8", "--output", testpath
    assert_equal 1, Dir[testpath/"meshcore_F8*_private.txt"].length
  end
end
