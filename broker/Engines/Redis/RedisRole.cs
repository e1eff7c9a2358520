using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.Redis;

/// <summary>What the users of a role may do: rules of Redis's access control lists, each one word of ACL SETUSER.</summary>
internal sealed class RedisRole
{
    private const string NamePlaceholder = "{{name}}";
    private const int MostRules = 256;
    private const int LongestRule = 512;

    private static readonly string[] Words =
        ["allkeys", "resetkeys", "allchannels", "resetchannels", "allcommands", "nocommands"];

    private readonly IReadOnlyList<string> _rules;

    private RedisRole(string name, IReadOnlyList<string> rules)
    {
        Name = name;
        _rules = rules;
    }

    public string Name { get; }

    /// <summary>
    /// Reads the rules. Those that switch a user on and off or set passwords are the broker's own; <c>{{name}}</c> may
    /// stand in patterns of keys and channels.
    /// </summary>
    /// <param name="name">Of the role.</param>
    /// <param name="rules">As configured.</param>
    /// <param name="report">Is told each problem.</param>
    public static RedisRole Parse(string name, IReadOnlyList<string> rules, Action<string> report)
    {
        if (rules.Count > MostRules)
            report($"a role has at most {MostRules} rules, got {rules.Count}");
        foreach (var rule in rules)
        {
            var words = rule.StartsWith('(') && rule.EndsWith(')') ? rule[1..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [rule];
            if (rule.Length > LongestRule || words.Length == 0 || words.FirstOrDefault(word => !IsRule(word)) is not null)
                report($"'{rule}' is no rule that a role can have; expected patterns of keys (~orders:*) or channels (&orders.*), and commands (+get, +@read, -@dangerous)");
        }

        if (!rules.Any(rule => rule.StartsWith('+') || rule.StartsWith('(') || rule == "allcommands"))
            report("no rule allows a command, such as +@read");
        return new RedisRole(name, rules);
    }

    public IEnumerable<string> For(AccountName account) =>
        _rules.Select(rule => rule.Replace(NamePlaceholder, account.Value, StringComparison.Ordinal));

    private static bool IsRule(string word)
    {
        if (word.Any(c => c is <= ' ' or > '~' or '(' or ')'))
            return false;
        var isPattern = word is ['~', _, ..] or ['&', _, ..]
            || (word[0] == '%' && word.IndexOf('~') is > 1 and <= 3 && word[1..word.IndexOf('~')] is "R" or "W" or "RW" or "WR");
        return isPattern
            ? !word.Replace(NamePlaceholder, "", StringComparison.Ordinal).Contains("{{", StringComparison.Ordinal)
            : Words.Contains(word)
                || (word is ['+' or '-', _, ..] && word[1..].All(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '|' or '-' or '_' or '.'));
    }
}
