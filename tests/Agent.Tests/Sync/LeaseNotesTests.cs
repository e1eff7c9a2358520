using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.Agent.Tests.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary>What is noted about leases, for an agent that starts again.</summary>
public sealed class LeaseNotesTests : IDisposable
{
    private readonly TemporaryMount _mount = new();
    private readonly ArmedTime _time = new();
    private readonly CapturedLog _log = new();
    private readonly LeaseBook _book = new();
    private readonly Projection _projection;

    public LeaseNotesTests() => _projection = _mount.Open();

    [Fact]
    public async Task A_renewal_is_noted_without_a_new_generation()
    {
        var first = Lease("kv/a", "lease-1", _time.GetUtcNow().AddHours(1));
        _book.Hold(first);
        var generation = _projection.Write([File("a", "x")], Json(first));
        using var watcher = new Inotify(_mount.Path, Inotify.MovedTo);
        using var stopping = new CancellationTokenSource();
        var notes = Notes().RunAsync(stopping.Token);

        _book.Extend(first with { ExpiresAt = first.ExpiresAt.AddHours(1) });
        await _time.PassAsync(TimeSpan.FromMilliseconds(500));
        while (Assert.Single(Noted().Secrets).ExpiresAt == first.ExpiresAt && !notes.IsCompleted)
            await Task.Yield();
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => notes);

        Assert.Equal(first.ExpiresAt.AddHours(1), Assert.Single(Noted().Secrets).ExpiresAt);
        Assert.Equal(generation, _projection.Current);
        Assert.Empty(watcher.Read());
    }

    [Fact]
    public void A_lease_that_is_not_the_generation_s_is_not_noted()
    {
        var first = Lease("kv/a", "lease-1", _time.GetUtcNow().AddHours(1));
        var manifest = Manifest.Parse(Json(first))!;
        _book.Hold(first with { Id = "lease-2", ExpiresAt = first.ExpiresAt.AddHours(1) });

        Assert.True(manifest.With(_book).SaysAs(manifest));
    }

    [Fact]
    public void A_manifest_that_was_written_meanwhile_is_not_overwritten()
    {
        _projection.Write([File("a", "x")], "one"u8.ToArray());
        var seen = _projection.ReadManifest();
        _projection.Write([File("a", "x")], "two"u8.ToArray());

        _projection.ReplaceManifest(seen, "one, noted"u8);

        Assert.Equal("two"u8.ToArray(), _projection.ReadManifest());
    }

    public void Dispose()
    {
        _log.Dispose();
        _mount.Dispose();
    }

    private LeaseNotes Notes() => new(_book, _projection, _time, _log.CreateLogger<LeaseNotes>());

    private Manifest Noted() => Manifest.Parse(_projection.ReadManifest())!;

    private HeldLease Lease(string path, string id, DateTimeOffset end) => new(path, id, _time.GetUtcNow(), end, MaxExpiresAt: null, Jitter: 0);

    private static byte[] Json(HeldLease lease) =>
        new Manifest { Fingerprint = "f", Secrets = [ManifestSecret.Of(lease, 1)] }.ToJson();
}
