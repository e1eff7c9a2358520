namespace SidecarAgent.Testing.Servers;

/// <summary>A MariaDB of a test's own: TLS on a loopback port, every statement in its log. <see cref="Admin"/> may do all.</summary>
public sealed class MariaDbServer : IAsyncDisposable
{
    public const string Admin = "admin";

    private const string User = "mysql";

    private readonly TempDirectory _directory;
    private readonly TestCertificates _certificates;
    private ServerProcess _process = null!;

    private MariaDbServer(TempDirectory directory)
    {
        _directory = directory;
        _certificates = new TestCertificates(directory.FullName);
    }

    public int Port { get; } = ServerProcess.FreePort();

    /// <summary>Of <see cref="Admin"/>.</summary>
    public string PasswordFile => _directory.File("password");

    public string CaFile => _certificates.CaFile;

    /// <summary>What it has logged so far: every statement.</summary>
    public string Log => File.ReadAllText(_directory.File("statements"));

    public static async Task<MariaDbServer> StartAsync()
    {
        var program = ServerProcess.Find("mariadb-server", "/usr/sbin/mariadbd");
        var install = ServerProcess.Find("mariadb-server", "/usr/bin/mariadb-install-db");
        var server = new MariaDbServer(TempDirectory.Create());
        try
        {
            var password = Guid.NewGuid().ToString("N");
            server._directory.Write("password", password);
            // An anonymous user of this host would be matched before any user of any host.
            server._directory.Write(
                "first.sql",
                $"""
                DELETE FROM mysql.global_priv WHERE User = '';
                FLUSH PRIVILEGES;
                CREATE USER '{Admin}'@'%' IDENTIFIED BY '{password}';
                GRANT ALL ON *.* TO '{Admin}'@'%' WITH GRANT OPTION;

                """);
            await ServerProcess.GiveAsync(server._directory.FullName, User);
            var data = server._directory.File("data");
            await ServerProcess.RunAsync(
                User, install, "--no-defaults", $"--datadir={data}", "--skip-test-db", "--auth-root-authentication-method=normal");
            server._process = await ServerProcess.StartAsync(
                User, "ready for connections", new Dictionary<string, string>(),
                program, "--no-defaults", $"--datadir={data}", $"--port={server.Port}", "--bind-address=127.0.0.1",
                $"--socket={server._directory.File("socket")}", $"--pid-file={server._directory.File("pid")}",
                $"--init-file={server._directory.File("first.sql")}", "--innodb-flush-log-at-trx-commit=0",
                "--general-log", $"--general-log-file={server._directory.File("statements")}",
                "--require-secure-transport=on", $"--ssl-cert={server._certificates.CertFile}", $"--ssl-key={server._certificates.KeyFile}");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }
}
