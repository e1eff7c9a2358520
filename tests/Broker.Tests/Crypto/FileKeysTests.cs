using System.Security.Cryptography;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Crypto;

public sealed class FileKeysTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public FileKeysTests() => KeyFile.Create(Path);

    private string Path => _directory.File("kek");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task After_a_rotation_the_new_key_wraps_and_both_unwrap_also_after_a_restart()
    {
        using var keys = FileKeys.Load(Path);
        var first = await WrapAsync(keys);

        var (previous, file) = keys.Rotate();
        var second = await WrapAsync(keys);

        Assert.Equal(first.KeyId, previous);
        Assert.Equal($"{Path}.{previous["file:".Length..]}", file);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.NotEqual(previous, second.KeyId);
        using var again = FileKeys.Load(Path);
        Assert.Equal(second.KeyId, again.KeyId);
        foreach (var (ring, wrapped) in new[] { (keys, first), (keys, second), (again, first), (again, second) })
        {
            Assert.True(ring.Knows(wrapped.KeyId));
            Assert.Equal(_key, await UnwrapAsync(ring, wrapped));
        }
    }

    [Fact]
    public async Task A_crash_between_any_two_steps_loses_no_key()
    {
        using var keys = FileKeys.Load(Path);
        var wrapped = await WrapAsync(keys);
        var id = keys.KeyId["file:".Length..];
        foreach (var left in new[] { $"kek.{id}.new", $"kek.{id}", "kek.new" })
        {
            // What the steps leave behind, one after the other, with what was being written cut short.
            if (left.EndsWith(".new", StringComparison.Ordinal))
                _directory.Write(left, "cut sho");
            else
                File.Copy(Path, _directory.File(left));
            using var after = FileKeys.Load(Path);
            Assert.Equal(wrapped.KeyId, after.KeyId);
            Assert.Equal(_key, await UnwrapAsync(after, wrapped));
        }

        using var repaired = FileKeys.Load(Path);
        repaired.Rotate();
        Assert.Equal(_key, await UnwrapAsync(repaired, wrapped));
        Assert.Equal(_key, await UnwrapAsync(repaired, await WrapAsync(repaired)));
        Assert.Equal(["kek", $"kek.{id}", $"kek.{id}.new"], Directory.GetFiles(_directory.FullName).Select(System.IO.Path.GetFileName).Order());
    }

    [Fact]
    public void A_retired_key_that_is_not_the_one_it_is_named_after_is_refused()
    {
        KeyFile.Create(_directory.File("kek.0123456789abcdef"));

        var failure = Assert.Throws<CannotStartException>(() => FileKeys.Load(Path));

        Assert.Contains("not the one that it is named after", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_something_else_puts_there_is_that_one_s_to_rotate()
    {
        File.CreateSymbolicLink(_directory.File("linked"), "kek");
        using var linked = FileKeys.Load(_directory.File("linked"));
        var failure = Assert.Throws<KeyNotRotatedException>(() => linked.Rotate());
        Assert.Contains("is a link", failure.Message, StringComparison.Ordinal);
        Assert.Contains("sidecar-broker init-key", failure.Message, StringComparison.Ordinal);

        using var keys = FileKeys.Load(Path);
        File.Delete(Path);
        KeyFile.Create(Path);
        var id = keys.KeyId;
        Assert.Contains("another key", Assert.Throws<KeyNotRotatedException>(() => keys.Rotate()).Message, StringComparison.Ordinal);
        Assert.Equal(id, keys.KeyId);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_changes_nothing_and_says_what_to_do()
    {
        using var keys = FileKeys.Load(Path);
        var wrapped = await WrapAsync(keys);
        // Also root cannot replace this.
        Directory.CreateDirectory($"{Path}.new");

        var failure = Assert.Throws<KeyNotRotatedException>(() => keys.Rotate());

        Assert.Contains("key.previous", failure.Message, StringComparison.Ordinal);
        Assert.Equal(wrapped.KeyId, keys.KeyId);
        using var again = FileKeys.Load(Path);
        Assert.Equal(wrapped.KeyId, again.KeyId);
    }

    [Fact]
    public async Task A_ring_wraps_with_its_first_key_and_unwraps_with_all()
    {
        KeyFile.Create(_directory.File("old"));
        using var old = FileKeys.Load(_directory.File("old"));
        var wrapped = await WrapAsync(old);
        using var ring = new KeyRing(FileKeys.Load(Path), [FileKeys.Load(_directory.File("old"))]);

        Assert.Equal(_key, await UnwrapAsync(ring, wrapped));
        Assert.NotEqual(wrapped.KeyId, (await WrapAsync(ring)).KeyId);
        Assert.True(ring.TryUnwrap(wrapped, new byte[32]));
        var stranger = wrapped with { KeyId = "file:0000000000000000" };
        Assert.False(ring.Knows(stranger.KeyId));
        Assert.Throws<CryptographicException>(() => ring.TryUnwrap(stranger, new byte[32]));
        await Assert.ThrowsAsync<CryptographicException>(() => UnwrapAsync(ring, stranger));
    }

    private Task<WrappedKey> WrapAsync(IKeyWrapper keys) => keys.WrapAsync(_key, CancellationToken.None).AsTask();

    private static async Task<byte[]> UnwrapAsync(IKeyWrapper keys, WrappedKey wrapped)
    {
        var key = new byte[32];
        await keys.UnwrapAsync(wrapped, key, CancellationToken.None);
        return key;
    }
}
