using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret show PATH[@VERSION] [--reveal]</c></summary>
internal static class SecretShowCommand
{
    public static Command Create(Cli cli)
    {
        var what = VersionedPath.Argument();
        var reveal = new Option<bool>("--reveal") { Description = "Show secret values too; the audit log says that you did." };
        var command = new Command("show", "Shows the fields of one version; secret values only with --reveal.") { what, reveal };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var (path, version) = parsed.GetRequiredValue(what);
            var request = new GetSecretRequest { Path = path.ToString(), Version = version, Reveal = parsed.GetValue(reveal) };
            return Shown(request, await broker.GetSecretAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Shown(GetSecretRequest request, GetSecretResponse secret) => new(new JsonObject
    {
        ["path"] = request.Path,
        ["version"] = secret.Version,
        ["active"] = secret.Active,
        ["fields"] = new JsonArray([.. secret.Fields.Select(f => Document(f, request.Reveal))]),
    })
    {
        Lines = [$"{request.Path}, version {secret.Version}{(secret.Active ? "" : " (not active)")}"],
        Table = new Table(
            "It has no fields.",
            ["FIELD", "CLASS", "VALUE", "NOTE"],
            [.. secret.Fields.Select(f => Row(f, request.Reveal))]),
    };

    private static JsonObject Document(Field field, bool reveal)
    {
        var document = new JsonObject { ["name"] = field.Name, ["class"] = FieldClasses.Name(field.Class) };
        if (!FieldText.MayShow(field, reveal))
            return document;

        var text = FieldText.Exact(field);
        document["value"] = text ?? field.Value.ToBase64();
        if (text is null)
            document["encoding"] = "base64";
        return document;
    }

    private static string[] Row(Field field, bool reveal)
    {
        var (value, note) = FieldText.MayShow(field, reveal) ? FieldText.Cell(field) : ("***", "--reveal shows it");
        return [field.Name, FieldClasses.Name(field.Class), value, note];
    }
}
