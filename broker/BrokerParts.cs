using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker;

/// <summary>What is opened before the broker serves anybody, and closed after it has served the last.</summary>
internal sealed class BrokerParts : IAsyncDisposable
{
    private readonly FileKeyWrapper _key;

    private BrokerParts(FileKeyWrapper key, Database database, CutOffs cutOffs, PolicySource policies, AuditLog audit)
    {
        _key = key;
        Database = database;
        CutOffs = cutOffs;
        Policies = policies;
        Audit = audit;
    }

    public IKeyWrapper Key => _key;

    public Database Database { get; }

    public CutOffs CutOffs { get; }

    public PolicySource Policies { get; }

    public AuditLog Audit { get; }

    /// <exception cref="CannotStartException">One of them cannot be used; the message says what to do.</exception>
    /// <exception cref="SidecarAgent.Yaml.InvalidYamlException">The policies are wrong.</exception>
    public static async Task<BrokerParts> OpenAsync(
        BrokerOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var policies = new PolicySource(options.PolicyDirectory, options.Leases, clock, loggers.CreateLogger<PolicySource>());
        var key = FileKeyWrapper.Load(options.KeyFile);
        Database? database = null;
        try
        {
            database = await Database.OpenAsync(options.SqliteFile, cancellationToken);
            await RequireKeyAsync(database, key, options, cancellationToken);
            var cutOffs = await CutOffs.LoadAsync(database, cancellationToken);
            var audit = await AuditLog.OpenAsync(options.Audit, clock, loggers.CreateLogger<AuditLog>());
            return new BrokerParts(key, database, cutOffs, policies, audit);
        }
        catch (Exception e)
        {
            key.Dispose();
            if (database is not null)
                await database.DisposeAsync();
            if (e is AuditUnavailableException)
                throw new CannotStartException(e.Message, e);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await Audit.DisposeAsync();
        _key.Dispose();
    }

    /// <summary>A wrong key would be found at the first secret that is asked for, which is too late.</summary>
    private static async Task RequireKeyAsync(
        Database database, FileKeyWrapper key, BrokerOptions options, CancellationToken cancellationToken)
    {
        var used = await database.ReadAsync(s => SecretTable.KeyIdsAsync(s, cancellationToken), cancellationToken);
        if (used.FirstOrDefault(id => id != key.KeyId) is not { } other)
            return;
        throw new CannotStartException(
            $"The database {options.SqliteFile} is encrypted under the key {other}, and the key file {options.KeyFile} "
            + $"holds the key {key.KeyId}. Put the right key file there.");
    }
}
