using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Quickstart.PodRunner;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

public sealed class TokenRenewalTests : IDisposable
{
    private static readonly TokenVolume Volume =
        new("token", [new ProjectedToken("token", "sidecar-broker", TimeSpan.FromMinutes(10))]);

    private readonly TempDirectory _directory = TempDirectory.CreateInMemory();
    private readonly FakeTimeProvider _time = new();
    private readonly SemaphoreSlim _issued = new(0);
    private readonly TaskCompletionSource<string> _report = new();
    private int _count;
    private bool _broken;

    public void Dispose()
    {
        _directory.Dispose();
        _issued.Dispose();
    }

    [Fact]
    public async Task A_token_is_written_through_the_data_link_readable_by_all()
    {
        await Renewal().WriteAsync(CancellationToken.None);

        Assert.Equal("token 1 of orders-0 for sidecar-broker, 600 s", ReadToken());
        Assert.Equal("..data/token", new FileInfo(_directory.File("token")).LinkTarget);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            File.GetUnixFileMode(_directory.File("token")));
    }

    [Fact]
    public async Task A_new_token_takes_the_place_of_the_old_one_as_a_whole()
    {
        var renewal = Renewal();
        await renewal.WriteAsync(CancellationToken.None);
        await renewal.WriteAsync(CancellationToken.None);

        Assert.Equal("token 2 of orders-0 for sidecar-broker, 600 s", ReadToken());
        Assert.Equal(["..generation_2"], Directory.GetDirectories(_directory.FullName, "..generation_*").Select(Path.GetFileName));
    }

    [Fact]
    public async Task It_is_renewed_at_four_fifths_of_its_life_and_not_before()
    {
        using var stop = new CancellationTokenSource();
        var run = Renewal().RunAsync(stop.Token);
        _time.Advance(TimeSpan.FromSeconds(479));
        Assert.Equal(0, _count);

        _time.Advance(TimeSpan.FromSeconds(1));
        await _issued.WaitAsync();
        Assert.Equal(1, _count);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task While_the_issuer_is_away_the_old_token_stays_and_the_reason_is_told()
    {
        var renewal = Renewal();
        await renewal.WriteAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var run = renewal.RunAsync(stop.Token);

        _broken = true;
        _time.Advance(TimeSpan.FromSeconds(480));

        Assert.Equal("the token volume 'token' keeps its old token: the issuer is away", await _report.Task);
        Assert.Equal("token 1 of orders-0 for sidecar-broker, 600 s", ReadToken());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private string ReadToken() => File.ReadAllText(_directory.File("token"));

    private TokenRenewal Renewal() => new(_directory.FullName, Volume, Some.Pod, Issue, _time, _report.SetResult);

    private Task<string> Issue(PodIdentity pod, string audience, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        _count++;
        _issued.Release();
        return _broken
            ? Task.FromException<string>(new TokenIssueException("the issuer is away"))
            : Task.FromResult($"token {_count} of {pod.Name} for {audience}, {lifetime.TotalSeconds} s");
    }
}
