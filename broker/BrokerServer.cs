using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using SidecarAgent.Broker.Api;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Tls;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker;

/// <summary>A broker that serves, until it is stopped or one of its loops fails.</summary>
internal sealed partial class BrokerServer : IAsyncDisposable
{
    /// <summary>
    /// For what is under way when the calls have ended, such as the writes of loops. With <see cref="BrokerApplication.DrainTime"/>
    /// it is well below the 30 s that Kubernetes gives a pod.
    /// </summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(5);

    private readonly WebApplication _application;
    private readonly BrokerParts _parts;
    private readonly Loops _loops;

    private BrokerServer(WebApplication application, BrokerParts parts)
    {
        _application = application;
        _parts = parts;
        _loops = application.Services.GetRequiredService<Loops>();
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Address = new Uri(addresses.First(address => address.StartsWith("https:", StringComparison.Ordinal)));
        MetricsAddress = new Uri(addresses.First(address =>
            address.StartsWith("http:", StringComparison.Ordinal) && !address.Contains("unix:", StringComparison.Ordinal)));
    }

    /// <summary>Where gRPC is served over TLS, with the port that is really used.</summary>
    public Uri Address { get; }

    /// <summary>Where metrics and health are served.</summary>
    public Uri MetricsAddress { get; }

    /// <param name="options">Validated.</param>
    /// <param name="clock">The time for everything but TLS.</param>
    /// <param name="logging">Where log messages go.</param>
    /// <param name="connect">Makes the clients of servers outside; null: the real ones.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CannotStartException">Something that it needs cannot be used.</exception>
    /// <exception cref="SidecarAgent.Yaml.InvalidYamlException">The policies are wrong.</exception>
    public static async Task<BrokerServer> StartAsync(
        BrokerOptions options, TimeProvider clock, Action<ILoggingBuilder> logging, AccountServerFactory? connect,
        CancellationToken cancellationToken)
    {
        using var loggers = LoggerFactory.Create(logging);
        if (options.Tls.SelfManaged is { } own)
            new CertificateDirectory(own, clock, loggers.CreateLogger<CertificateDirectory>()).Renew();
        var parts = await BrokerParts.OpenAsync(options, clock, loggers, cancellationToken);
        WebApplication? application = null;
        try
        {
            application = BrokerApplication.Build(options, parts, clock, logging, connect ?? (mount => mount.Accounts!.Open()));
            await application.Services.GetRequiredService<Revocations>().RecoverAsync(cancellationToken);
            await application.StartAsync(cancellationToken);
            var server = new BrokerServer(application, parts);
            server.StartLoops(options, clock);
            LogServing(
                application.Services.GetRequiredService<ILogger<BrokerServer>>(),
                server.Address, options.Admins.Socket ?? "no socket", server.MetricsAddress);
            return server;
        }
        catch (Exception e)
        {
            if (application is not null)
                await application.DisposeAsync();
            await parts.DisposeAsync();
            if (e is IOException)
                throw new CannotStartException($"The broker cannot listen: {e.Message}", e);
            throw;
        }
    }

    /// <summary>
    /// Serves until a signal or a loop's failure, then stops and closes what it has opened. It does not wait for ever for
    /// what does not end: the process ends, and what it leaves is what a crash would leave.
    /// </summary>
    /// <returns>False: something was still under way.</returns>
    /// <exception cref="CannotStartException">A loop has failed.</exception>
    public async Task<bool> RunAsync()
    {
        await _application.WaitForShutdownAsync();
        var closing = DisposeAsync().AsTask();
        // A matter of the process, whatever time the broker has.
        var isClosed = await Task.WhenAny(closing, Task.Delay(ClosingTime, TimeProvider.System)) == closing;
        if (isClosed)
            await closing;
        if (_loops.Failure is { } failure)
            throw failure;
        return isClosed;
    }

    /// <summary>Ends the streams with UNAVAILABLE (STOPPING), lets the other calls finish, and stops.</summary>
    public async Task StopAsync()
    {
        await _application.StopAsync();
        await _loops.EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _application.DisposeAsync();
        await _parts.DisposeAsync();
    }

    private void StartLoops(BrokerOptions options, TimeProvider clock)
    {
        var services = _application.Services;
        _loops.Start("The database writer", stopping => _parts.Database.Writing.WaitAsync(stopping));
        _loops.Start("The audit log's writer", stopping => _parts.Audit.Writing.WaitAsync(stopping));
        _loops.Start("Signing the audit log", services.GetRequiredService<AuditCheckpoints>().RunAsync);
        _loops.Start("Watching the policies", _parts.Policies.RunAsync);
        _loops.Start("Following the policies", services.GetRequiredService<Gate>().FollowPoliciesAsync);
        _loops.Start("Keeping the issuers' keys", services.GetRequiredService<TrustedIssuers>().RunAsync);
        _loops.Start("Looking at the tokens of open watches", services.GetRequiredService<WatchedTokens>().RunAsync);
        _loops.Start("Looking after the keys", _parts.Key.RunAsync);
        _loops.Start("Watching the certificate", services.GetRequiredService<ServerCertificate>().RunAsync);
        _loops.Start("Giving memory back", services.GetRequiredService<IdleMemory>().RunAsync);
        _loops.Start("Rotating secrets", services.GetRequiredService<RotationRuns>().RunAsync);
        _loops.Start("Beginning the rotations that are due", services.GetRequiredService<RotationScheduler>().RunAsync);
        _loops.Start("Ending expired leases", services.GetRequiredService<Reaper>().RunAsync);
        _loops.Start("Forgetting accesses of long ago", services.GetRequiredService<FirstAccesses>().RunAsync);
        var revocations = services.GetRequiredService<Revocations>();
        _loops.Start("Looking after revocations", revocations.LookAfterAsync);
        foreach (var engine in services.GetRequiredService<Mounts>().Engines.OfType<DynamicEngine>())
            _loops.Start($"Dropping accounts of {engine.Server.Mount}", stopping => revocations.RunAsync(engine.Server, stopping));
        if (options.Tls.SelfManaged is { } own)
            StartCertificateLoops(own, clock);
    }

    private void StartCertificateLoops(SelfManagedTls own, TimeProvider clock)
    {
        var services = _application.Services;
        var directory = new CertificateDirectory(own, clock, services.GetRequiredService<ILogger<CertificateDirectory>>());
        _loops.Start("Renewing the certificate", directory.RunAsync);
        if (own.ConfigMap is { } configMap)
            _loops.Start("Publishing the CA", new AuthorityPublisher(
                directory, configMap, ClusterAccess.OfThisPod, clock, services.GetRequiredService<ILogger<AuthorityPublisher>>()).RunAsync);
    }

    [LoggerMessage(LogLevel.Information, "Serving gRPC on {Address}, operators on {Socket}, metrics on {MetricsAddress}.")]
    private static partial void LogServing(ILogger logger, Uri address, string socket, Uri metricsAddress);
}
