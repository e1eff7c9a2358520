using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl;

/// <summary><c>audit verify FILE...</c></summary>
internal static class AuditVerifyCommand
{
    private const int HashLength = 64;

    public static Command Create(Cli cli)
    {
        var files = FileName.Arguments(
            "FILE", "The broker's audit log, or copies of it; where it has several files, all of them, in any order.");
        var key = FileName.Options(
            "--key", "FILE", "The public key (FILE.pub of 'sidecar-broker init-audit-key') that signed the log; may be given again.");
        var after = new Option<string>("--after")
        {
            Description = "The hash of the entry that the first line follows, when the files before it were archived.",
            HelpName = "HASH",
        };
        after.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } hash
                && (hash.Length != HashLength || !hash.All(char.IsAsciiHexDigitLower)))
                result.AddError($"--after takes a hash, {HashLength} lower-case hex digits, as 'audit verify' prints it");
        });
        var command = new Command("verify", "Proves that no line of an audit log was changed, added or taken out.")
        {
            files, key, after,
        };
        cli.Offline(command, parsed => Verify(
            parsed.GetRequiredValue(files), parsed.GetValue(key) ?? [], parsed.GetValue(after)));
        return command;
    }

    private static Answer Verify(string[] files, string[] keyFiles, string? after)
    {
        var keys = new List<AuditPublicKey>();
        try
        {
            keys.AddRange(keyFiles.Select(AuditPublicKey.Load));
            return AuditVerifier.Verify(files, keys, after) switch
            {
                AuditVerification.Intact { SignedUpTo: 0 } intact when keys.Count > 0 => Unsigned(files, intact),
                AuditVerification.Intact intact => Intact(files, intact, keys.Count > 0),
                AuditVerification.Broken broken => Broken(broken),
                var other => throw new InvalidOperationException($"The verifier said {other}."),
            };
        }
        finally
        {
            keys.ForEach(key => key.Dispose());
        }
    }

    private static Answer Intact(string[] files, AuditVerification.Intact log, bool isSigned) =>
        new(Document(files, log, isIntact: true))
        {
            Lines =
            [
                $"{Name(files)}: {Quantity.Of(log.Entries, "entry", "entries")}, each follows from the one before; "
                    + $"head {log.Last.Hash}",
                .. Signed(log, isSigned),
                .. Unfinished(log.UnfinishedBytes),
            ],
        };

    private static Answer Unsigned(string[] files, AuditVerification.Intact log) =>
        new(Document(files, log, isIntact: true))
        {
            Failure = $"{Name(files)}: the entries follow from each other, and none is signed; "
                + "look whether the broker's configuration has 'audit.checkpoints'",
        };

    private static JsonObject Document(string[] files, AuditVerification.Intact log, bool isIntact) => new()
    {
        ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]),
        ["intact"] = isIntact,
        ["entries"] = log.Entries,
        ["last"] = log.Last.Sequence,
        ["head"] = log.Last.Hash,
        ["unfinishedBytes"] = log.UnfinishedBytes,
        ["checkpoints"] = log.Checkpoints,
        ["signedUpTo"] = log.SignedUpTo,
    };

    private static IEnumerable<string> Signed(AuditVerification.Intact log, bool isSigned)
    {
        if (isSigned)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"signed up to entry {log.SignedUpTo} of {log.Last.Sequence}, by {Quantity.Of(log.Checkpoints, "checkpoint")}");
        else if (log.Checkpoints > 0)
            yield return $"{Quantity.Of(log.Checkpoints, "checkpoint")}, whose signatures were not checked; give --key to check them";
    }

    private static IEnumerable<string> Unfinished(long bytes)
    {
        if (bytes > 0)
            yield return $"{Quantity.Of(bytes, "byte")} after the last entry: one that is being written, or that a crash cut short";
    }

    private static Answer Broken(AuditVerification.Broken log) => new(new JsonObject
    {
        ["file"] = log.File,
        ["intact"] = false,
        ["line"] = log.Line,
        ["problem"] = log.Problem,
    })
    {
        Failure = $"{log.File}: line {log.Line}: {log.Problem}; "
            + "if this is the broker's log, keep it and find out who could write to it",
    };

    private static string Name(string[] files) => files.Length == 1 ? files[0] : $"{files.Length} files";
}
