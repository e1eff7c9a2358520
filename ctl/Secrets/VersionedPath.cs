using System.CommandLine;
using System.CommandLine.Parsing;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>PATH[@VERSION], checked before anything is sent.</summary>
/// <param name="Path">Which secret.</param>
/// <param name="Version">0: the active one.</param>
internal sealed record VersionedPath(SecretPath Path, ulong Version)
{
    public static Argument<VersionedPath> Argument() => new("PATH[@VERSION]")
    {
        Description = "The secret's path, and a version where it is not the active one: kv/shop/orders@3.",
        CustomParser = Parse,
    };

    private static VersionedPath? Parse(ArgumentResult result)
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
            return new VersionedPath(path, number);
        result.AddError(problem);
        return null;
    }
}
