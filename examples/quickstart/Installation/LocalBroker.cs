using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>A broker on loopback with keys, certificate, database and audit log of its own.</summary>
internal sealed class LocalBroker
{
    private readonly string _directory;

    private LocalBroker(string directory, int port, int metricsPort, Server server)
    {
        _directory = directory;
        Port = port;
        Address = new Uri($"https://127.0.0.1:{port}");
        MetricsAddress = new Uri($"http://127.0.0.1:{metricsPort}/metrics");
        Server = server;
    }

    public Server Server { get; }

    public int Port { get; }

    public Uri Address { get; }

    public Uri MetricsAddress { get; }

    /// <summary>PEM of the CA that its certificate comes from.</summary>
    public string CaFile => Path.Combine(_directory, "ca.crt");

    public string AuditFile => Path.Combine(_directory, "audit.jsonl");

    /// <summary>What operators on this machine use.</summary>
    public string AdminSocket => Path.Combine(_directory, "admin.sock");

    /// <summary>The key-encryption key, a certificate and the configuration are made; nothing runs yet.</summary>
    /// <param name="policies">Policy files to begin with; copied.</param>
    /// <exception cref="InstallationException"/>
    public static async Task<LocalBroker> PrepareAsync(
        Programs programs,
        WorkDirectory work,
        Command sidecarctl,
        DevelopmentIssuer issuer,
        IEnumerable<string> policies,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var directory = work.Make("broker");
        var command = new Command(programs.Broker, Programs.Environment, work.Logs, time);
        await command.RunAsync(cancellationToken, "init-key", Path.Combine(directory, "kek"));
        await sidecarctl.RunAsync(cancellationToken, "dev", "certificate", "--host", "127.0.0.1", "--out", directory);
        foreach (var policy in policies)
            File.Copy(policy, Path.Combine(work.Make("broker/policies"), Path.GetFileName(policy)));

        var port = FreePort.Choose();
        var metricsPort = FreePort.Choose();
        // Relative paths in it are relative to it.
        var configuration = work.Write("broker/broker.yaml", $$"""
            listen: 127.0.0.1:{{port}}
            metricsListen: 127.0.0.1:{{metricsPort}}
            tls: { certFile: tls.crt, keyFile: tls.key }
            storage: { sqlite: broker.db }
            key: { file: kek }
            audit: { file: audit.jsonl }
            issuers:
              - issuer: {{DevelopmentIssuer.Issuer}}
                audience: {{DevelopmentIssuer.Audience}}
                keys: {{issuer.JwksFile}}
            admins:
              - socket: admin.sock
            policies: policies
            mounts:
              - { path: kv, engine: kv }
            """);
        var plan = new LaunchPlan(programs.Broker, ["run", "--config", configuration], Programs.Environment);
        var ready = new Uri($"http://127.0.0.1:{metricsPort}/readyz");
        return new LocalBroker(directory, port, metricsPort, new Server("broker", plan, ready, work.Logs, time));
    }
}
