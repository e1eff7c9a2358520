using SidecarAgent.Broker.Crypto;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Crypto;

public sealed class KeyFileTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_created_key_has_32_bytes_that_only_its_owner_can_read()
    {
        var path = _directory.File("kek");

        KeyFile.Create(path);

        Assert.Equal(32, new FileInfo(path).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using var key = KeyFile.Read(path);
        Assert.Contains(key.Memory.ToArray(), b => b != 0);
    }

    [Fact]
    public void An_existing_file_is_never_overwritten()
    {
        var path = _directory.Write("kek", "precious");

        Assert.Throws<IOException>(() => KeyFile.Create(path));

        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("0600", true)]
    [InlineData("0400", true)]
    [InlineData("0440", true)]
    [InlineData("0644", false)]
    [InlineData("0604", false)]
    [InlineData("0660", false)]
    public void A_key_that_others_can_use_is_refused(string mode, bool accepted)
    {
        var path = _directory.File("kek");
        KeyFile.Create(path);
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));

        var failure = Record.Exception(() => KeyFile.Read(path).Dispose());

        if (accepted)
            Assert.Null(failure);
        else
            Assert.Contains("chmod 600", Assert.IsType<CannotStartException>(failure).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(44)]
    public void A_key_of_another_size_is_refused(int size)
    {
        var path = _directory.File("kek");
        File.WriteAllBytes(path, new byte[size]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead);

        var failure = Assert.Throws<CannotStartException>(() => KeyFile.Read(path));

        Assert.Contains($"{size} bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_key_is_refused_with_the_command_that_makes_one()
    {
        var failure = Assert.Throws<CannotStartException>(() => KeyFile.Read(_directory.File("kek")));

        Assert.Contains("sidecar-broker init-key", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_in_memory_prints_as_stars_and_is_gone_when_disposed()
    {
        var value = SecretBytes.CopyOf("hunter2"u8);
        var memory = value.Memory;

        Assert.Equal("***", value.ToString());
        value.Dispose();

        Assert.All(memory.ToArray(), b => Assert.Equal(0, b));
    }
}
