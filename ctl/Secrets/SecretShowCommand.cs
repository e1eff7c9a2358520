using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret show PATH[@VERSION] [--reveal]</c></summary>
internal static class SecretShowCommand
{
    public static Command Create(Cli cli)
    {
        var what = new Argument<GetSecretRequest>("PATH[@VERSION]")
        {
            Description = "The secret's path, and a version where it is not the active one: kv/shop/orders@3.",
            CustomParser = Parse,
        };
        var reveal = new Option<bool>("--reveal") { Description = "Show secret values too; the audit log says that you did." };
        var command = new Command("show", "Shows the fields of one version; secret values only with --reveal.") { what, reveal };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = parsed.GetRequiredValue(what);
            request.Reveal = parsed.GetValue(reveal);
            return Shown(request, await broker.GetSecretAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static GetSecretRequest? Parse(ArgumentResult result)
    {
        var (text, number) = (result.Tokens[0].Value, 0UL);
        if (text.LastIndexOf('@') is >= 0 and var at)
        {
            if (!VersionNumber.TryParse(text[(at + 1)..], out number) || number == 0)
            {
                result.AddError("after '@' stands the number of a version, such as kv/shop/orders@3");
                return null;
            }

            text = text[..at];
        }

        if (SecretPath.TryParse(text, out var path, out var problem))
            return new GetSecretRequest { Path = path.ToString(), Version = number };
        result.AddError(problem);
        return null;
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
