using System.Globalization;

namespace SidecarAgent.Testing.Servers;

/// <summary>
/// A PostgreSQL of a test's own: TLS on a loopback port, and a Unix socket; passwords by SCRAM, every statement in its log
/// unless it is durable. Its superuser is <see cref="Admin"/>.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string Admin = "admin";

    private const string User = "postgres";

    private readonly TempDirectory _directory;
    private readonly TestCertificates _certificates;
    private ServerProcess _process = null!;

    private PostgresServer(TempDirectory directory, string programs)
    {
        _directory = directory;
        _certificates = new TestCertificates(directory.FullName);
        Programs = programs;
    }

    public int Port { get; private set; }

    /// <summary>Where its Unix socket is.</summary>
    public string SocketDirectory => _directory.FullName;

    /// <summary>Of <see cref="Admin"/>.</summary>
    public string PasswordFile => _directory.File("password");

    public string CaFile => _certificates.CaFile;

    /// <summary>The directory of its programs.</summary>
    public string Programs { get; }

    /// <summary>Of the process that all its others are children of.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>What it has logged so far.</summary>
    public string Log => _process.Output;

    /// <param name="durable">Wait for the disk at every commit and log no statements, as in earnest; tests of behaviour need not.</param>
    public static async Task<PostgresServer> StartAsync(bool durable = false)
    {
        var initdb = ServerProcess.Find("postgresql", "/usr/lib/postgresql/*/bin/initdb", "/usr/bin/initdb");
        var server = new PostgresServer(TempDirectory.Create(), Path.GetDirectoryName(initdb)!);
        try
        {
            server._directory.Write("password", Guid.NewGuid().ToString("N"));
            File.SetUnixFileMode(server._certificates.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await ServerProcess.GiveAsync(server._directory.FullName, User);
            await ServerProcess.RunAsync(
                User, initdb, "--pgdata", server.Data, "--username", Admin, "--pwfile", server.PasswordFile,
                "--auth", "scram-sha-256", "--no-sync", "--encoding", "UTF8", "--locale", "C");
            await server.RunAsync(durable);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills it, and everything that was connected.</summary>
    public ValueTask StopAsync() => _process.DisposeAsync();

    /// <summary>Starts it again on the same port, with the same data.</summary>
    public Task StartAgainAsync() => RunAsync(durable: false);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }

    private string Data => _directory.File("data");

    private async Task RunAsync(bool durable)
    {
        Port = Port == 0 ? ServerProcess.FreePort() : Port;
        string[] settings =
        [
            $"port={Port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={SocketDirectory}", "max_connections=200",
            "ssl=on", $"ssl_cert_file={_certificates.CertFile}", $"ssl_key_file={_certificates.KeyFile}",
            durable ? "fsync=on" : "fsync=off", durable ? "log_statement=none" : "log_statement=all",
        ];
        string[] command = [Path.Combine(Programs, "postgres"), "-D", Data, .. settings.SelectMany(setting => new[] { "-c", setting })];
        _process = await ServerProcess.StartAsync(
            User, "database system is ready to accept connections", new Dictionary<string, string>(), command);
    }
}
