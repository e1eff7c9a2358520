using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.KeyServices;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker;

/// <summary>What is opened before the broker serves anybody, and closed after it has served the last.</summary>
internal sealed partial class BrokerParts : IAsyncDisposable
{
    private BrokerParts(KeyRing key, Database database, CutOffs cutOffs, PolicySource policies, AuditLog audit)
    {
        Key = key;
        Database = database;
        CutOffs = cutOffs;
        Policies = policies;
        Audit = audit;
    }

    public KeyRing Key { get; }

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
        var key = KeyRingFactory.Open(options.Key, clock, loggers);
        Database? database = null;
        AuditLog? audit = null;
        try
        {
            database = await Database.OpenAsync(
                options.Storage, clock, loggers.CreateLogger<Database>(), cancellationToken);
            await RequireKeyAsync(database, key, options, cancellationToken);
            var cutOffs = await CutOffs.LoadAsync(database, cancellationToken);
            audit = await AuditLog.OpenAsync(options.Audit, clock, loggers.CreateLogger<AuditLog>());
            await RecordCopyAsync(database, options, audit, loggers.CreateLogger<BrokerParts>());
            return new BrokerParts(key, database, cutOffs, policies, audit);
        }
        catch (Exception e)
        {
            key.Dispose();
            if (database is not null)
                await database.DisposeAsync();
            if (audit is not null)
                await audit.DisposeAsync();
            if (e is AuditUnavailableException)
                throw new CannotStartException(e.Message, e);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await Audit.DisposeAsync();
        Key.Dispose();
    }

    /// <summary>What was done since a backup was made is not in it: whom to keep out, and what lies about outside.</summary>
    private static async Task RecordCopyAsync(Database database, BrokerOptions options, AuditLog audit, ILogger logger)
    {
        if (database.CopyOf is { } copyOf)
        {
            LogCopy(logger, options.Storage.Name, copyOf);
            await audit.AppendAsync(
                new AuditEntry(AuditAction.Restored, Allowed: true, $"the database is from {copyOf}"), CancellationToken.None);
        }

        await database.SettleAsync();
    }

    /// <summary>
    /// A wrong key would be found at the first secret that is asked for, which is too late. A key service that is away is
    /// no wrong key: the broker starts, and serves what needs no key until it is back.
    /// </summary>
    private static async Task RequireKeyAsync(
        Database database, KeyRing key, BrokerOptions options, CancellationToken cancellationToken)
    {
        var used = await database.ReadAsync(s => WrappedKeyTable.KeyIdsAsync(s, cancellationToken), cancellationToken);
        if (used.FirstOrDefault(id => !key.Knows(id)) is not { } other)
            return;
        throw new CannotStartException(
            $"The database {options.Storage.Name} is encrypted under the key {ForeignText.Clean(other)}, which is none of those "
            + "configured under 'key'. Put the right key file there, or name the earlier key under key.previous.");
    }

    [LoggerMessage(LogLevel.Warning, "The database {Name} is from {CopyOf}. What was done since is not in it: cut-offs, revocations, rotations, new secrets, and accounts that were made outside. Go through 'What a restored database does not know' in docs/storage.md now.")]
    private static partial void LogCopy(ILogger logger, string name, string copyOf);
}
