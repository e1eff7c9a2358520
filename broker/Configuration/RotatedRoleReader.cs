using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Rotation;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads, of a mount, the roles with <c>rotate</c>. <see cref="AccountServerReader"/> reads the others.</summary>
internal static class RotatedRoleReader
{
    private const string Key = "rotate";
    private static readonly TimeSpan DefaultEvery = TimeSpan.FromHours(24);

    public static bool IsRotated(YamlMap role) => role.Has(Key);

    public static IReadOnlyList<RotatedRole> Read(YamlMap mount)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var own = mount.OptionalMap("connection")?.OptionalText("user");
        return [.. mount.Maps("roles").Where(IsRotated).Select(role => Role(role, own, taken))];
    }

    private static RotatedRole Role(YamlMap role, string? own, HashSet<string> taken)
    {
        var grace = role.Duration("grace", RotatedRole.DefaultGrace);
        if (grace > RotatedRole.LongestGrace)
            role.Report("grace", "'grace' must be from 0s to 1h");
        return new RotatedRole(role.Text("name"), Accounts(role, own, taken), Schedule(role), grace);
    }

    /// <param name="role">Whose accounts.</param>
    /// <param name="own">The broker's own account, which a rotation would lock out.</param>
    /// <param name="taken">The accounts of the roles before, whose holders it would lock out.</param>
    private static List<AccountName> Accounts(YamlMap role, string? own, HashSet<string> taken)
    {
        var accounts = new List<AccountName>();
        var names = role.Texts(Key);
        foreach (var name in names)
        {
            if (AccountName.Parse(name, out var account) is { } problem)
                role.Report(Key, problem);
            else
                accounts.Add(account!);
        }

        if (names.Distinct(StringComparer.OrdinalIgnoreCase).Count() != 2 || names.Count != 2)
            role.Report(Key, "'rotate' names the two accounts that take turns, such as [ orders_a, orders_b ]");
        else if (names.FirstOrDefault(name => string.Equals(name, own, StringComparison.OrdinalIgnoreCase)) is { } brokers)
            role.Report(Key, $"'{brokers}' is the broker's own account, which a rotation would lock out");
        else if (names.FirstOrDefault(name => !taken.Add(name)) is { } shared)
            role.Report(Key, $"another role rotates '{shared}' too: each would lock out the holders of the other");
        return accounts;
    }

    private static RotationSchedule Schedule(YamlMap role)
    {
        var cron = role.OptionalText("cron");
        var every = role.Has("every") || cron is null ? role.Duration("every", DefaultEvery) : (TimeSpan?)null;
        if (RotationSchedule.TryCreate(every, cron, out var schedule, out var problem))
            return schedule;
        role.Report(cron is null ? "every" : "cron", problem);
        return RotationSchedule.Daily;
    }
}
