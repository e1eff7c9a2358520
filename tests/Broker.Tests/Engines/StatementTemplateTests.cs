using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Postgres;

namespace SidecarAgent.Broker.Tests.Engines;

public sealed class StatementTemplateTests
{
    private static readonly AccountName Name = AccountName.Stored("sa-orders");

    [Theory]
    [InlineData("CREATE ROLE {{name}} PASSWORD {{password}} VALID UNTIL {{validUntil}}", "CREATE ROLE \"sa-orders\" PASSWORD 'hash' VALID UNTIL 'later'")]
    [InlineData("CREATE ROLE \"{{name}}\" PASSWORD '{{password}}' VALID UNTIL '{{validUntil}}';", "CREATE ROLE \"sa-orders\" PASSWORD 'hash' VALID UNTIL 'later'")]
    [InlineData("  GRANT readers TO {{ name }} ;\n", "GRANT readers TO \"sa-orders\"")]
    [InlineData("SELECT allow('{{name}}', {{name}})", "SELECT allow('sa-orders', \"sa-orders\")")]
    [InlineData("CREATE TABLE {{name}}.t (a text DEFAULT ';--{}')", "CREATE TABLE \"sa-orders\".t (a text DEFAULT ';--{}')")]
    [InlineData("DO $$ BEGIN RAISE NOTICE 'a;b -- c'; END $$", "DO $$ BEGIN RAISE NOTICE 'a;b -- c'; END $$")]
    [InlineData("COMMENT ON ROLE {{name}} IS E'it\\'s; {ours}'", "COMMENT ON ROLE \"sa-orders\" IS E'it\\'s; {ours}'")]
    [InlineData("COMMENT ON ROLE {{name}} IS 'a backslash \\'", "COMMENT ON ROLE \"sa-orders\" IS 'a backslash \\'")]
    public void Where_a_placeholder_stands_decides_how_it_is_quoted_in_PostgreSQL(string statement, string sent) =>
        Assert.Equal(sent, StatementTemplate.Parse(PostgresGrammar.Statements, statement).Render(Name, "hash", "later"));

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" ; ", "empty")]
    [InlineData("DROP ROLE {{name}}; DROP ROLE admin", "semicolon")]
    [InlineData("DROP ROLE {{name}} -- gone", "comment")]
    [InlineData("DROP ROLE /* {{name}} */ x", "comment")]
    [InlineData("DO $$ BEGIN EXECUTE 'DROP ROLE {{name}}'; END $$", "inside of")]
    [InlineData("DO $a$ {{name}} $a$", "inside of")]
    [InlineData("DO $a$ {{name}} $b$", "never closed")]
    [InlineData("SELECT 'role {{name}}'", "inside of")]
    [InlineData("SELECT '{{name}}{{name}}'", "inside of")]
    [InlineData("SELECT \"x{{name}}\"", "inside of")]
    [InlineData("SELECT '''{{name}}'''", "inside of")]
    [InlineData("SELECT `{{name}}`", "inside of")]
    [InlineData("SELECT E{{validUntil}}", "space on both sides")]
    [InlineData("SELECT E'{{validUntil}}'", "space on both sides")]
    [InlineData("SELECT U&\"{{name}}\"", "space on both sides")]
    [InlineData("SELECT {{name}}{{name}}", "space on both sides")]
    [InlineData("SELECT 'a'{{validUntil}}", "space on both sides")]
    [InlineData("SELECT $${{name}}", "never closed")]
    [InlineData("SELECT $1${{name}}$1$", "no quoted text")]
    [InlineData("ALTER ROLE {{name}} PASSWORD \"{{password}}\"", "without quotes")]
    [InlineData("SELECT {{password}}", "must follow PASSWORD")]
    [InlineData("CREATE TABLE {{password}} ()", "must follow PASSWORD")]
    [InlineData("SELECT 'PASSWORD' {{password}}", "must follow PASSWORD")]
    [InlineData("SELECT {{username}}", "no placeholder {{username}}")]
    [InlineData("SELECT {{Name}}", "no placeholder {{Name}}")]
    [InlineData("SELECT {{}}", "no placeholder {{}}")]
    [InlineData("SELECT {{{name}}}", "inside of")]
    [InlineData("SELECT {{name", "no }}")]
    [InlineData("SELECT 'never", "never closed")]
    [InlineData("SELECT E'never\\'", "never closed")]
    [InlineData("SELECT \"never", "never closed")]
    [InlineData("SELECT {{name}}\0", "control character")]
    [InlineData("SELECT \u0085 {{name}}", "control character")]
    [InlineData("ALTER ROLE x PASSWORD\u00a0{{password}}", "space on both sides")]
    public void Whatever_is_in_doubt_is_refused_when_it_is_read(string statement, string problem)
    {
        var refusal = Assert.Throws<FormatException>(() => StatementTemplate.Parse(PostgresGrammar.Statements, statement));
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_as_long_as_a_book_is_refused() =>
        Assert.Throws<FormatException>(() => StatementTemplate.Parse(PostgresGrammar.Statements, "SELECT '" + new string('x', 9000) + "'"));

    [Theory]
    [InlineData(new[] { "CREATE ROLE {{name}} PASSWORD {{password}}" }, new string[0], "{{validUntil}}")]
    [InlineData(new[] { "SELECT 1" }, new string[0], "{{name}}")]
    [InlineData(new string[0], new string[0], "{{password}}")]
    [InlineData(new[] { "CREATE ROLE {{name}} PASSWORD {{password}} VALID UNTIL {{validUntil}}" }, new[] { "DROP ROLE {{name}} VALID UNTIL {{validUntil}}" }, "only {{name}}")]
    [InlineData(new[] { "SELECT 1", "SELECT 2; SELECT 3" }, new string[0], "statement 2")]
    public void A_role_that_could_not_work_is_refused_when_it_is_read(string[] create, string[] drop, string problem)
    {
        var problems = new List<string>();
        RoleStatements.Parse(PostgresGrammar.Statements, "r", create, drop, null, (_, message) => problems.Add(message));
        Assert.Contains(problems, message => message.Contains(problem, StringComparison.Ordinal));
    }
}
