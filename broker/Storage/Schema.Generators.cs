namespace SidecarAgent.Broker.Storage;

internal static partial class Schema
{
    /// <summary>What a generator makes, and the rules of its texts: a line for each.</summary>
    private static IReadOnlyList<string> Generators(SqlDialect dialect) =>
    [
        "ALTER TABLE secret_field ADD COLUMN generator_kind INTEGER",
        $"ALTER TABLE secret_field ADD COLUMN generator_rules {dialect.Text}",
    ];
}
