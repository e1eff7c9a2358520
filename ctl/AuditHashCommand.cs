using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Broker;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl;

/// <summary><c>audit hash VALUE... --key-file FILE</c></summary>
internal static class AuditHashCommand
{
    public static Command Create(Cli cli)
    {
        var values = FileName.Arguments("VALUE", "Identifiers, each as the log would have it: a pod, a node, a service account without its namespace.");
        var key = FileName.Option("--key-file", "FILE", "The file that 'audit.hashIdentifiers.keyFile' of the broker's configuration names.");
        key.Required = true;
        var command = new Command("hash", "Says how identifiers stand in an audit log whose identifiers are hashed.") { values, key };
        cli.Offline(command, parsed => Hash(parsed.GetRequiredValue(values), parsed.GetRequiredValue(key)!));
        return command;
    }

    private static Answer Hash(string[] values, string keyFile)
    {
        try
        {
            using var key = IdentifierHash.ReadKey(keyFile);
            var hashes = Array.ConvertAll(values, value => (Value: value, Hash: IdentifierHash.Hash(key.Span, value)));
            return new Answer(new JsonArray([.. hashes.Select(one => new JsonObject { ["value"] = one.Value, ["hash"] = one.Hash })]))
            {
                Lines = [.. hashes.Select(one => one.Hash)],
            };
        }
        catch (CannotStartException e)
        {
            throw CommandFailedException.Failed(e.Message, e);
        }
    }
}
