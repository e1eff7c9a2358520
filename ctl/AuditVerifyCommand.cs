using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl;

/// <summary><c>audit verify FILE</c></summary>
internal static class AuditVerifyCommand
{
    public static Command Create(Cli cli)
    {
        var file = FileName.Argument("FILE", "The broker's audit log, or a copy of it.");
        var command = new Command("verify", "Proves that no line of an audit log was changed, added or taken out.") { file };
        cli.Offline(command, parsed =>
        {
            var name = parsed.GetRequiredValue(file);
            return AuditVerifier.Verify(name) switch
            {
                AuditVerification.Intact intact => Intact(name, intact),
                AuditVerification.Broken broken => Broken(name, broken),
                var other => throw new InvalidOperationException($"The verifier said {other}."),
            };
        });
        return command;
    }

    private static Answer Intact(string file, AuditVerification.Intact log) => new(new JsonObject
    {
        ["file"] = file,
        ["intact"] = true,
        ["entries"] = log.Entries,
        ["head"] = log.Head,
        ["unfinishedBytes"] = log.UnfinishedBytes,
    })
    {
        Lines =
        [
            $"{file}: {(log.Entries == 1 ? "1 entry" : $"{log.Entries} entries")}, each follows from the one before; "
                + $"head {log.Head}",
            .. Unfinished(log.UnfinishedBytes),
        ],
    };

    private static IEnumerable<string> Unfinished(long bytes)
    {
        if (bytes > 0)
            yield return $"{Quantity.Of(bytes, "byte")} after the last entry: one that is being written, or that a crash cut short";
    }

    private static Answer Broken(string file, AuditVerification.Broken log) => new(new JsonObject
    {
        ["file"] = file,
        ["intact"] = false,
        ["line"] = log.Line,
        ["problem"] = log.Problem,
    })
    {
        Failure = $"{file}: line {log.Line}: {log.Problem}; "
            + "if this is the broker's log, keep it and find out who could write to it",
    };
}
