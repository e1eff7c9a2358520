using MySqlConnector;
using SidecarAgent.Broker.Engines.MariaDb;
using SidecarAgent.Broker.Engines.Postgres;

namespace SidecarAgent.Broker.Tests.Engines;

/// <summary>
/// The second line of defence: names never hold these characters, and if they did, a real server takes them as what
/// they are.
/// </summary>
[Collection(nameof(PostgresFixture))]
public sealed class QuotingTests(PostgresFixture postgres, MariaDbFixture mariaDb) : IClassFixture<MariaDbFixture>
{
    public static TheoryData<string> Attacks =>
    [
        "plain", "o'brien", "''", "'; DROP ROLE admin; --", "\"", "\"\"", "\"; DROP ROLE admin; --", "\\", "\\'", "\\\\'", "'\\", "\\\" or 1=1",
        "$$", "$a$x$a$", "`", "``; DROP USER admin", "#", "-- ", "/* */", "a\nb", "a\r\n;b", "\u001a", "%", "_", "{{name}}", "é'ü", "\u2019; --",
        "\u02bc", "名前", "\U0001f511'", "E'", "U&'\\0041'", "x' /*!50000 or 1=1 */", "a;b", "\t",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task A_text_is_only_a_text_to_PostgreSQL(string text)
    {
        await using var pool = PostgresConnections.Pool(postgres.Connection with { Connections = 1 });
        await using var command = pool.CreateCommand(
            $"SELECT {PostgresGrammar.Literal(text)} || {PostgresGrammar.Literal(text)}, 1 AS {PostgresGrammar.Identifier(text)}");
        await using var row = await command.ExecuteReaderAsync();

        Assert.True(await row.ReadAsync());
        Assert.Equal(text + text, row.GetString(0));
        Assert.Equal(text, row.GetName(1));
        Assert.Equal(2, row.FieldCount);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task A_text_is_only_a_text_to_MariaDB(string text)
    {
        await using var pool = MariaDbConnections.Pool(mariaDb.Connection with { Connections = 1 });
        await using var connection = await MariaDbConnections.OpenAsync(pool, mariaDb.Connection, default);
        await using var command = new MySqlCommand($"SELECT {MariaDbGrammar.Literal(text)}, 1", connection);
        await using var row = await command.ExecuteReaderAsync();

        Assert.True(await row.ReadAsync());
        Assert.Equal(text, row.GetString(0));
        Assert.Equal(2, row.FieldCount);
    }

    [Fact]
    public void A_NUL_is_refused_by_both()
    {
        Assert.Throws<ArgumentException>(() => PostgresGrammar.Literal("a\0b"));
        Assert.Throws<ArgumentException>(() => PostgresGrammar.Identifier("a\0b"));
        Assert.Throws<ArgumentException>(() => MariaDbGrammar.Literal("a\0b"));
    }

    /// <summary>RFC 7677, section 3: password "pencil".</summary>
    [Fact]
    public void A_verifier_is_the_RFCs() => Assert.Equal(
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
        ScramVerifier.Make("pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096));
}
