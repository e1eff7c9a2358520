using System.Text;
using SidecarAgent.Agent.Sync;

namespace SidecarAgent.Agent.Tests.Sync;

public sealed class ManifestTests
{
    private static readonly DateTimeOffset Now = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero).AddTicks(1234567);

    [Fact]
    public void What_is_written_is_read_back_to_the_tick()
    {
        var manifest = new Manifest
        {
            Fingerprint = "abc",
            Told = false,
            Secrets =
            [
                new ManifestSecret("kv/a", 3, "lease-1", Now, Now.AddHours(1), Now.AddDays(1)),
                new ManifestSecret("kv/ü\"", long.MaxValue, "lease-2", Now, Now.AddSeconds(1), null),
            ],
        };

        var read = Manifest.Parse(manifest.ToJson());

        Assert.NotNull(read);
        Assert.True(read.SaysAs(manifest));
        Assert.False(read.Told);
    }

    [Fact]
    public void One_that_does_not_say_whether_anybody_was_told_leaves_nobody_to_tell() =>
        Assert.True(Manifest.Parse("""{"fingerprint":"a","secrets":[]}"""u8)!.Told);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"fingerprint":null,"secrets":[]}""")]
    [InlineData("""{"fingerprint":"a","secrets":[1]}""")]
    [InlineData("""{"fingerprint":"a","secrets":[{"path":"kv/a","version":1,"lease":"l","receivedAt":"2026-01-31T12:00:00+00:00"}]}""")]
    [InlineData("""{"fingerprint":"a","secrets":[{"path":"kv/a","version":"1","lease":"l","receivedAt":"2026-01-31T12:00:00+00:00","expiresAt":"2026-01-31T12:00:00+00:00"}]}""")]
    [InlineData("""{"fingerprint":"a","secrets":[{"path":"kv/a","version":-1,"lease":"l","receivedAt":"2026-01-31T12:00:00+00:00","expiresAt":"2026-01-31T12:00:00+00:00"}]}""")]
    public void Anything_else_is_no_manifest(string json) => Assert.Null(Manifest.Parse(Encoding.UTF8.GetBytes(json)));
}
