using System.Text.RegularExpressions;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.RabbitMq;

/// <summary>What the users of a role may do on a RabbitMQ.</summary>
/// <param name="Name">As it stands in paths.</param>
/// <param name="Tags">What they may see of the management API; usually nothing.</param>
/// <param name="Permissions">At least one.</param>
internal sealed record RabbitRole(string Name, IReadOnlyList<string> Tags, IReadOnlyList<RabbitPermission> Permissions)
{
    /// <summary>Not <c>administrator</c>: who is one makes accounts that nobody takes away.</summary>
    public static readonly IReadOnlyList<string> KnownTags = ["management", "policymaker", "monitoring"];
}

/// <summary>What users may do in a virtual host: regular expressions over the names of queues and exchanges.</summary>
/// <param name="VirtualHost">Its name.</param>
/// <param name="Configure">What they may make and delete.</param>
/// <param name="Write">What they may publish to.</param>
/// <param name="Read">What they may read from.</param>
internal sealed record RabbitPermission(string VirtualHost, string Configure, string Write, string Read)
{
    private const string NamePlaceholder = "{{name}}";
    private const int LongestPattern = 1024;

    /// <returns>What is wrong with a pattern; null: nothing.</returns>
    public static string? ProblemOfPattern(string pattern)
    {
        if (pattern.Length > LongestPattern)
            return $"a pattern has at most {LongestPattern} characters, got {pattern.Length}";
        if (pattern.Any(char.IsControl))
            return "a pattern holds no control characters";
        return pattern.Replace(NamePlaceholder, "", StringComparison.Ordinal).Contains("{{", StringComparison.Ordinal)
            ? "a pattern can hold {{name}} and no other placeholder"
            : null;
    }

    /// <summary>A pattern in which <c>{{name}}</c> is the account, taken literally.</summary>
    public static string For(AccountName account, string pattern) =>
        pattern.Replace(NamePlaceholder, Regex.Escape(account.Value), StringComparison.Ordinal);
}
