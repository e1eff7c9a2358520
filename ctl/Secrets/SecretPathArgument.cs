using System.CommandLine;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>The PATH of a secret, checked before anything is sent.</summary>
internal static class SecretPathArgument
{
    public static Argument<SecretPath> Create(string description = "The secret's path, such as kv/shop/orders.") =>
        new("PATH")
        {
            Description = description,
            CustomParser = result =>
            {
                if (!SecretPath.TryParse(result.Tokens[0].Value, out var path, out var problem))
                    result.AddError(problem);
                return path;
            },
        };
}
