namespace SidecarAgent.Testing.Servers;

/// <summary>A Redis of a test's own: TLS only, on a loopback port, with its users in a file. <see cref="Admin"/> may do all.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    public const string Admin = "admin";

    private readonly TempDirectory _directory;
    private readonly TestCertificates _certificates;
    private ServerProcess _process = null!;

    private RedisServer(TempDirectory directory)
    {
        _directory = directory;
        _certificates = new TestCertificates(directory.FullName);
    }

    public int Port { get; } = ServerProcess.FreePort();

    /// <summary>Of <see cref="Admin"/>.</summary>
    public string PasswordFile => _directory.File("password");

    public string CaFile => _certificates.CaFile;

    /// <summary>The users as they outlive a restart.</summary>
    public string UserFile => _directory.File("users.acl");

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer(TempDirectory.Create());
        try
        {
            var password = Guid.NewGuid().ToString("N");
            server._directory.Write("password", password);
            server._directory.Write("users.acl", $"user default off\nuser {Admin} on >{password} ~* &* +@all\n");
            await server.StartAgainAsync();
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

    /// <summary>Starts it again on the same port, with the users of <see cref="UserFile"/>.</summary>
    public async Task StartAgainAsync() => _process = await ServerProcess.StartAsync(
        user: null, "Ready to accept connections", new Dictionary<string, string>(),
        ServerProcess.Find("redis-server", "/usr/bin/redis-server"),
        "--port", "0", "--tls-port", $"{Port}", "--bind", "127.0.0.1", "--tls-auth-clients", "no", "--save", "",
        "--dir", _directory.FullName, "--tls-cert-file", _certificates.CertFile, "--tls-key-file", _certificates.KeyFile,
        "--tls-ca-cert-file", _certificates.CaFile, "--aclfile", UserFile);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }
}
