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
            $"{file}: {log.Entries} {(log.Entries == 1 ? "entry" : "entries")}, each follows from the one before; head {log.Head}",
            .. log.UnfinishedBytes > 0
                ? (string[])[$"{Quantity.Of(log.UnfinishedBytes, "byte")} after the last entry: one that is being written, or that a crash cut short"]
                : [],
        ],
    };

    private static Answer Broken(string file, AuditVerification.Broken log) => new(new JsonObject
    {
        ["file"] = file,
        ["intact"] = false,
        ["line"] = log.Line,
        ["problem"] = log.Problem,
    })
    {
        Failure = $"{file}: line {log.Line}: {log.Problem}; the log was changed from there on, keep it and look into who could write to it",
    };
}
