using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>
/// Holds the Lease that makes this process the one that writes, if no other does. It is no lock: every write carries a
/// resourceVersion besides, so that a holder that slept through its end changes nothing.
/// </summary>
internal sealed partial class Election : BackgroundService
{
    public const string LeaseName = "sidecar-webhook";

    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(2);

    private readonly ApiClient _api;
    private readonly string _namespace;
    private readonly string _me;
    private readonly TimeProvider _time;
    private readonly ILogger<Election> _logger;
    private readonly PatientLoop _loop;

    private LeaseRecord? _seen;
    private long _seenSince;
    private volatile Renewal? _renewal;

    /// <param name="me">Names this process, and no other that ever was.</param>
    public Election(ApiClient api, string @namespace, string me, TimeProvider time, ILogger<Election> logger)
    {
        _api = api;
        _namespace = @namespace;
        _me = me;
        _time = time;
        _logger = logger;
        _loop = new PatientLoop("The Lease cannot be looked after", time, logger);
    }

    /// <summary>When the last renewal began, by the clock that only goes forward.</summary>
    private sealed record Renewal(long Began);

    /// <summary>Whether this process may write now.</summary>
    public bool IsHolder => _renewal is { } renewal && _time.GetElapsedTime(renewal.Began) < LeaseRule.Deadline;

    /// <summary>One look at the Lease, and what follows from it.</summary>
    /// <exception cref="ApiException">The API server does not answer, or another was faster.</exception>
    public async Task RoundAsync(CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        var lease = await _api.FindAsync(ApiPaths.Lease(_namespace, LeaseName), cancellation);
        var record = lease is null ? null : LeaseRecord.Read(lease);
        if (record != _seen)
        {
            _seen = record;
            _seenSince = began;
        }

        switch (LeaseRule.Decide(record, _time.GetElapsedTime(_seenSince, began), _me))
        {
            case LeaseStep.Follow:
                Follow();
                return;
            case LeaseStep.Create:
                var made = Mine(record).Write(null, _namespace, LeaseName, LeaseRule.Duration);
                await new ShippedObject("Lease", _namespace, LeaseName).CreateAsync(_api, ApiPaths.Leases(_namespace), made, cancellation);
                break;
            default:
                await ReplaceAsync(lease!, Mine(record), cancellation);
                break;
        }

        if (!IsHolder)
            LogHolds(_me);
        _renewal = new Renewal(began);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_renewal is null)
            return;
        using var soon = new CancellationTokenSource(GivingBack, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, soon.Token);
        try
        {
            await GiveBackAsync(both.Token);
        }
        catch (Exception e) when (e is ApiException or OperationCanceledException)
        {
            LogNotGivenBack(e.Message);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _loop.RunAsync(
        async cancellation =>
        {
            await RoundAsync(cancellation);
            return LeaseRule.Period;
        },
        _ => { },
        stoppingToken);

    private void Follow()
    {
        if (_renewal is not null)
            LogLost(_me);
        _renewal = null;
    }

    private LeaseRecord Mine(LeaseRecord? before)
    {
        var now = LeaseRecord.Time(_api.Now);
        var acquired = before?.Holder == _me ? before.AcquireTime : now;
        var transitions = before is null ? 0 : before.Holder == _me ? before.Transitions : before.Transitions + 1;
        return new LeaseRecord(_me, acquired, now, transitions, before?.ResourceVersion);
    }

    private async Task ReplaceAsync(JsonObject lease, LeaseRecord record, CancellationToken cancellation) =>
        await _api.ReplaceAsync(ApiPaths.Lease(_namespace, LeaseName), record.Write(lease, _namespace, LeaseName, LeaseRule.Duration), cancellation);

    /// <summary>So that the next holder need not wait until this one counts as dead.</summary>
    private async Task GiveBackAsync(CancellationToken cancellation)
    {
        _renewal = null;
        var lease = await _api.FindAsync(ApiPaths.Lease(_namespace, LeaseName), cancellation);
        if (lease is not null && LeaseRecord.Read(lease) is { } record && record.Holder == _me)
            await ReplaceAsync(lease, record with { Holder = "" }, cancellation);
    }

    [LoggerMessage(LogLevel.Information, "This replica ({Me}) holds the Lease: it renews the certificate and looks for missed pods")]
    private partial void LogHolds(string me);

    [LoggerMessage(LogLevel.Information, "This replica ({Me}) no longer holds the Lease")]
    private partial void LogLost(string me);

    [LoggerMessage(LogLevel.Information, "The Lease was not given back, so that the next replica waits until it runs out: {Problem}")]
    private partial void LogNotGivenBack(string problem);
}
