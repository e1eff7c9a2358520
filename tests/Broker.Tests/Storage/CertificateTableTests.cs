namespace SidecarAgent.Broker.Tests.Storage;

public sealed class CertificateTableTests
{
    /// <summary>Else every revocation would hold up the writer for as long as it takes to read 100,000 rows.</summary>
    [Fact]
    public async Task Those_that_have_ended_are_found_without_looking_at_the_others()
    {
        await using var store = new SqliteTestStore();
        await using var database = await store.OpenAsync();

        var plan = await database.ReadAsync(
            s => s.Statement("EXPLAIN QUERY PLAN DELETE FROM certificate WHERE mount = 'pki' AND not_after < 1")
                .ListAsync(row => row.GetString(3), default),
            default);

        Assert.Contains("certificate_by_end (mount=? AND not_after<?)", Assert.Single(plan), StringComparison.Ordinal);
    }
}
