using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret versions PATH</c></summary>
internal static class SecretVersionsCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var command = new Command("versions", "Lists the versions of a secret, newest first; never a value.") { path };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new ListVersionsRequest { Path = parsed.GetRequiredValue(path).ToString() };
            return Listed((await broker.ListVersionsAsync(request, cancellationToken: cancellation)).Versions);
        });
        return command;
    }

    private static Answer Listed(IReadOnlyList<VersionSummary> versions) =>
        new(new JsonArray([.. versions.Select(v => new JsonObject
        {
            ["version"] = v.Version,
            ["active"] = v.Active,
            ["createdAt"] = Moment.Exact(v.CreatedAt),
            ["createdBy"] = v.CreatedBy,
            ["deletedAt"] = Moment.Exact(v.DeletedAt),
            ["destroyedAt"] = Moment.Exact(v.DestroyedAt),
            ["fields"] = new JsonArray([.. v.Fields.Select(f => new JsonObject
            {
                ["name"] = f.Name,
                ["class"] = FieldClasses.Name(f.Class),
                ["generated"] = f.Generated,
            })]),
        })]))
        {
            Table = new Table(
                "There are no versions.",
                ["VERSION", "ACTIVE", "CREATED", "BY", "FIELDS"],
                [.. versions.Select(v => (string[])
                [
                    v.Version.ToString(CultureInfo.InvariantCulture),
                    v.DestroyedAt is not null ? "destroyed" : v.DeletedAt is not null ? "deleted" : v.Active ? "yes" : "no",
                    Moment.Short(v.CreatedAt),
                    v.CreatedBy,
                    string.Join(", ", v.Fields.Select(Field)),
                ])]),
        };

    private static string Field(FieldSummary field) =>
        $"{field.Name} ({FieldClasses.Name(field.Class)}{(field.Generated ? ", generated" : "")})";
}
