using System.CommandLine;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker;

/// <summary><c>sidecar-broker backup</c>.</summary>
internal static class BackupCommand
{
    private const int Done = 0;
    private const int NotHere = 2;

    private const string StandardOutput = "-";

    public static Option<string> To { get; } = new("--to")
    {
        Description = "The file to make; it must not exist. '-' is standard output.",
        Required = true,
    };

    /// <param name="options">Of the broker, which may be running.</param>
    /// <param name="to">A file, or <c>-</c>.</param>
    /// <param name="clock">When.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CannotStartException">No backup was made; the message says why.</exception>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    public static async Task<int> RunAsync(BrokerOptions options, string to, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (options.Storage is StorageOptions.Postgres server)
        {
            await Console.Error.WriteLineAsync(
                $"The broker's data is on a PostgreSQL server, which has its own tool for this:\n  {DumpCommand(server, to)}\ndocs/storage.md says how to restore it.");
            return NotHere;
        }

        var toOutput = to == StandardOutput;
        var target = Path.GetFullPath(toOutput ? options.Storage.Name : to);
        var directory = Path.GetDirectoryName(target)!;
        if (!toOutput && File.Exists(target))
            throw new IOException($"The file {target} exists already; nothing was written.");
        // Whoever finds the file under its name finds all of it.
        var partial = Path.Combine(directory, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.partial");
        var now = clock.GetUtcNow();
        var contents = await SqliteBackup.WriteAsync(options.Storage.Name, partial, now, cancellationToken);
        try
        {
            if (toOutput)
                await PrintAsync(partial, cancellationToken);
            else
                File.Move(partial, target, overwrite: false);
            DirectoryFlush.Flush(directory);
        }
        finally
        {
            File.Delete(partial);
        }

        var keys = contents.KeyIds.Count == 0 ? "none" : string.Join(", ", contents.KeyIds.Select(ForeignText.Clean));
        await Console.Error.WriteLineAsync(
            $"{(toOutput ? "standard output" : target)}: {contents}, as of {now:yyyy-MM-ddTHH:mm:ssZ}; checked.\n"
            + $"Without the keys that wrap its data keys nobody can read it: keep them, elsewhere ({keys}).");
        return Done;
    }

    /// <summary>With the words of libpq, as in the configuration.</summary>
    internal static string DumpCommand(StorageOptions.Postgres server, string to)
    {
        var mode = server.Tls switch
        {
            PostgresTls.Disable => "disable",
            PostgresTls.VerifyCa => "verify-ca",
            _ => "verify-full",
        };
        var certificates = string.Concat(
            server.CaFile is { } ca ? $" sslrootcert={ca}" : "",
            server.CertFile is { } cert ? $" sslcert={cert} sslkey={server.KeyFile}" : "");
        var file = to == StandardOutput ? "" : $" --file={to}";
        return "pg_dump --format=custom --no-owner --dbname="
            + $"\"host={server.Host} port={server.Port} user={server.User} dbname={server.Database} sslmode={mode}{certificates}\"{file}";
    }

    private static async Task PrintAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        await using var output = Console.OpenStandardOutput();
        await stream.CopyToAsync(output, cancellationToken);
    }
}
