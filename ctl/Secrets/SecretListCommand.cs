using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret list [PREFIX]</c></summary>
internal static class SecretListCommand
{
    public static Command Create(Cli cli)
    {
        var prefix = new Argument<string>("PREFIX")
        {
            Description = "Only paths that begin with this, such as kv/shop/.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => "",
        };
        var command = new Command("list", "Lists secrets by path; never a value.") { prefix };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
            Listed(await ReadAllAsync(broker, parsed.GetRequiredValue(prefix), cancellation)));
        return command;
    }

    private static async Task<IReadOnlyList<SecretSummary>> ReadAllAsync(
        BrokerAdmin.BrokerAdminClient broker, string prefix, CancellationToken cancellation)
    {
        var secrets = new List<SecretSummary>();
        var request = new ListSecretsRequest { Prefix = prefix };
        do
        {
            var page = await broker.ListSecretsAsync(request, cancellationToken: cancellation);
            secrets.AddRange(page.Secrets);
            if (page.NextPageToken.Length > 0 && page.NextPageToken == request.PageToken)
                throw CommandFailedException.Failed("the broker sent the same page twice; its log may say why");
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return secrets;
    }

    private static Answer Listed(IReadOnlyList<SecretSummary> secrets) =>
        new(new JsonArray([.. secrets.Select(s => new JsonObject
        {
            ["path"] = s.Path,
            ["activeVersion"] = s.ActiveVersion,
            ["newestVersion"] = s.NewestVersion,
            ["activatedAt"] = Moment.Exact(s.ActivatedAt),
            ["holders"] = s.Holders,
        })]))
        {
            Table = new Table(
                "There are no such secrets.",
                ["PATH", "ACTIVE", "NEWEST", "ACTIVATED", "HOLDERS"],
                [.. secrets.Select(s => (string[])
                [
                    s.Path,
                    s.ActiveVersion == 0 ? "none" : s.ActiveVersion.ToString(CultureInfo.InvariantCulture),
                    s.NewestVersion.ToString(CultureInfo.InvariantCulture),
                    Moment.Short(s.ActivatedAt),
                    s.Holders.ToString(CultureInfo.InvariantCulture),
                ])]),
        };
}
