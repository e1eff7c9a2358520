namespace SidecarAgent.Testing.Servers;

/// <summary>A RabbitMQ of a test's own: AMQP and its management API over TLS on loopback ports. <see cref="Admin"/> may do all.</summary>
public sealed class RabbitServer : IAsyncDisposable
{
    public const string Admin = "admin";

    private const string User = "rabbitmq";

    private readonly TempDirectory _directory;
    private readonly TestCertificates _certificates;
    private ServerProcess? _names;
    private ServerProcess? _process;

    private RabbitServer(TempDirectory directory)
    {
        _directory = directory;
        _certificates = new TestCertificates(directory.FullName);
    }

    public int Port { get; } = ServerProcess.FreePort();

    public int ManagementPort { get; } = ServerProcess.FreePort();

    /// <summary>Of <see cref="Admin"/>.</summary>
    public string PasswordFile => _directory.File("password");

    public string CaFile => _certificates.CaFile;

    /// <summary>What it has logged so far.</summary>
    public string Log => _process?.Output ?? "";

    public static async Task<RabbitServer> StartAsync()
    {
        // Not the script in /usr/sbin, which insists on the machine's own directories.
        var program = ServerProcess.Find("rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server");
        var names = ServerProcess.Find("rabbitmq-server", "/usr/bin/epmd");
        var server = new RabbitServer(TempDirectory.Create());
        try
        {
            var namesPort = ServerProcess.FreePort();
            await server.ConfigureAsync();
            // Erlang's directory of nodes: RabbitMQ would start one that stays for ever.
            server._names = await ServerProcess.StartAsync(
                User, "epmd running", new Dictionary<string, string>(),
                names, "-d", "-port", $"{namesPort}", "-address", "127.0.0.1");
            server._process = await ServerProcess.StartAsync(User, "Server startup complete", server.Environment(namesPort), program);
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
        if (_names is not null)
            await _names.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }

    private async Task ConfigureAsync()
    {
        var password = Guid.NewGuid().ToString("N");
        _directory.Write("password", password);
        _directory.Write("plugins", "[rabbitmq_management].\n");
        _directory.Write(
            "rabbitmq.conf",
            $"""
            listeners.tcp = none
            listeners.ssl.local = 127.0.0.1:{Port}
            ssl_options.certfile = {_certificates.CertFile}
            ssl_options.keyfile = {_certificates.KeyFile}
            ssl_options.cacertfile = {_certificates.CaFile}
            ssl_options.verify = verify_none
            management.ssl.ip = 127.0.0.1
            management.ssl.port = {ManagementPort}
            management.ssl.certfile = {_certificates.CertFile}
            management.ssl.keyfile = {_certificates.KeyFile}
            default_user = {Admin}
            default_pass = {password}

            """);
        await ServerProcess.GiveAsync(_directory.FullName, User);
    }

    private Dictionary<string, string> Environment(int namesPort) => new()
    {
        ["HOME"] = _directory.FullName,
        ["RABBITMQ_NODENAME"] = $"test{Port}@localhost",
        ["RABBITMQ_CONFIG_FILE"] = _directory.File("rabbitmq.conf"),
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _directory.File("plugins"),
        ["RABBITMQ_MNESIA_BASE"] = _directory.File("mnesia"),
        ["RABBITMQ_LOG_BASE"] = _directory.File("log"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_DIST_PORT"] = $"{ServerProcess.FreePort()}",
        ["ERL_EPMD_PORT"] = $"{namesPort}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
    };
}
