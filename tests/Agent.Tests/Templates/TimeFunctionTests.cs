namespace SidecarAgent.Agent.Tests.Templates;

/// <summary>The corners of times, durations, URLs, versions and digests; docs/templates.md has the plain case of each.</summary>
public sealed class TimeFunctionTests
{
    [Theory]
    [InlineData("now", "2026-03-04 05:06:07.08 +0000 UTC")]
    [InlineData("now | toJSON", "\"2026-03-04T05:06:07.08Z\"")]
    [InlineData("dict `at` now | toYAML", "at: 2026-03-04T05:06:07.08Z")]
    [InlineData("dict `at` now | toTOML", "at = 2026-03-04T05:06:07.08Z")]
    [InlineData("typeOf now", "time.Time")]
    [InlineData("kindOf now", "struct")]
    [InlineData("deepEqual now (now | dateModify `1s` | dateModify `-1s`)", "true")]
    [InlineData("toDate `Mon Jan _2 15:04:05 2006` `Sun Mar  1 09:08:07 2026` | date `2006-01-02T15:04:05`", "2026-03-01T09:08:07")]
    [InlineData("toDate `2006-01-02T15:04:05Z07:00` `2026-03-01T01:00:00+02:30` | htmlDate", "2026-02-28")]
    [InlineData("toDate `2006-01-02T15:04:05Z07:00` `2026-03-01T01:00:00.25Z` | date `05.000`", "00.250")]
    [InlineData("toDate `3:04PM` `12:05AM` | date `15:04`", "00:05")]
    [InlineData("toDate `02/01/06` `28/02/69` | htmlDate", "1969-02-28")]
    [InlineData("toDate `2006-002` `2026-060` | htmlDate", "2026-03-01")]
    [InlineData("toDate `2 January 2006 -0700` `5 november 2026 -0100` | date `2006-01-02 15`", "2026-11-05 01")]
    [InlineData("mustToDate `20060102150405` `20260301090807` | unixEpoch", "1772356087")]
    [InlineData("durationRound `48h`", "2d")]
    [InlineData("durationRound `-25h`", "-1d")]
    [InlineData("durationRound `1s`", "0s")]
    [InlineData("duration 0", "0s")]
    [InlineData("duration `90061`", "25h1m1s")]
    [InlineData("0 | dateModify `1h2m3.5s` | date `15:04:05.9`", "01:02:03.5")]
    [InlineData("0 | dateModify `+1500ms` | date `05.00`", "01.50")]
    [InlineData("date `2006_2_2006` 0", "1970 1_1970")]
    public void Times(string expression, string expected) => Check(expression, expected);

    [Theory]
    [InlineData("toDate `2006-01-02` `2026-02-29`", "not a time of that layout")]
    [InlineData("toDate `2006-01-02` `2026-02-28x`", "not a time of that layout")]
    [InlineData("toDate `2006-01-02` ``", "not a time of that layout")]
    [InlineData("toDate `15:04` `24:00`", "not a time of that layout")]
    [InlineData("dateModify `1` now", "not a duration such as")]
    [InlineData("dateModify `` now", "not a duration such as")]
    [InlineData("dateModify `1.2.3s` now", "not a duration such as")]
    [InlineData("dateModify `999999999999999999h` now", "not a duration such as")]
    [InlineData("dateModify `90000000h` now", "beyond the years 1 to 9999")]
    [InlineData("date `2006` 999999999999", "beyond the years 1 to 9999")]
    [InlineData("date `2006` `2026`", "must be time.Time, not string")]
    [InlineData("dateInZone `2006` now `Europe/Berlin`", "no time zone here but UTC")]
    [InlineData("duration 99999999999999", "too long")]
    [InlineData("durationRound `x`", "not a duration such as")]
    [InlineData("semver `1.2.3.4`", "not a version")]
    [InlineData("semver `1.2.-`", "not a version")]
    [InlineData("semverCompare `>=a` `1.2.3`", "not a constraint")]
    [InlineData("semverCompare `` `1.2.3`", "not a constraint")]
    [InlineData("urlParse `:a`", "no URL")]
    [InlineData("urlParse `http://a\nb`", "no URL")]
    [InlineData("hexdec `abc`", "not hexadecimal")]
    [InlineData("hexdec `xx`", "not hexadecimal")]
    [InlineData("fromJsonArray `{}`", "no list")]
    [InlineData("explodeMap (dict `a` 1 `a/b` 2)", "the beginning of another")]
    [InlineData("mustSlice (list 1 2) 3", "must be from 0 to 2")]
    [InlineData("explode (list)", "there is no Consul")]
    public void What_cannot_be_read_is_an_error(string expression, string problem)
    {
        var error = Record.Exception(() => TemplateRun.Render("{{ " + expression + " }}"));
        Assert.NotNull(error);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2.3", "1.2.3", true)]
    [InlineData("1.2", "1.2.9", true)]
    [InlineData("=1.2.x", "1.3.0", false)]
    [InlineData("*", "0.0.1", true)]
    [InlineData(">1.2", "1.2.9", false)]
    [InlineData(">1.2", "1.3.0", true)]
    [InlineData(">= 1.2 <2", "1.9.9", true)]
    [InlineData("<=1.2", "1.2.9", true)]
    [InlineData("<1.2", "1.2.0", false)]
    [InlineData("~1.2.3", "1.2.9", true)]
    [InlineData("~1.2.3", "1.3.0", false)]
    [InlineData("~1", "1.9.0", true)]
    [InlineData("^1.2.3", "1.9.0", true)]
    [InlineData("^1.2.3", "2.0.0", false)]
    [InlineData("^0.2.3", "0.3.0", false)]
    [InlineData("^0.0.3", "0.0.4", false)]
    [InlineData("^0.0", "0.0.9", true)]
    [InlineData("1.2 - 1.4.5", "1.4.5", true)]
    [InlineData("1.2 - 1.4.5", "1.4.6", false)]
    [InlineData("<1 || >=3", "3.0.0", true)]
    [InlineData("!=1.2.3", "1.2.4", true)]
    [InlineData(">=1.2.3", "1.3.0-rc.1", false)]
    [InlineData(">=1.2.3-0", "1.3.0-rc.1", true)]
    [InlineData(">1.0.0-alpha.1", "1.0.0-alpha.beta", true)]
    [InlineData(">1.0.0-alpha", "1.0.0-alpha.1", true)]
    [InlineData("<1.0.0-0", "1.0.0", false)]
    [InlineData("1.0.0", "v1.0.0+build", true)]
    public void Versions(string constraint, string version, bool isMet) =>
        Check($"semverCompare `{constraint}` `{version}`", isMet ? "true" : "false");

    [Theory]
    [InlineData("urlParse `postgres://a%40b:p%2Fw@[::1]:5432/orders%20db?sslmode=require#x%20y` | toJSON",
        "{\"fragment\":\"x y\",\"host\":\"[::1]:5432\",\"hostname\":\"::1\",\"opaque\":\"\",\"path\":\"/orders db\",\"query\":\"sslmode=require\","
        + "\"scheme\":\"postgres\",\"userinfo\":\"a%40b:p%2Fw\"}")]
    [InlineData("(urlParse `mailto:a@b`).opaque", "a@b")]
    [InlineData("(urlParse `/only/path?x`).path", "/only/path")]
    [InlineData("(urlParse `HTTP://h`).scheme", "http")]
    [InlineData("urlParse `postgres://a%40b:p%2Fw@[::1]:5432/orders%20db?sslmode=require#x%20y` | urlJoin",
        "postgres://a%40b:p%2Fw@[::1]:5432/orders%20db?sslmode=require#x%20y")]
    [InlineData("urlParse `mailto:a@b` | urlJoin", "mailto:a@b")]
    [InlineData("dict `host` `h` `path` `a` | urlJoin", "//h/a")]
    [InlineData("abbrevboth 0 8 `1234567890`", "12345...")]
    [InlineData("abbrevboth 9 8 `1234567890`", "...67890")]
    [InlineData("abbrevboth 5 6 `1234567890`", "1234567890")]
    [InlineData("wrap 4 `abcdefgh ij`", "abcdefgh\nij")]
    [InlineData("wrap 0 `ab`", "ab")]
    [InlineData("wrap 3 `   a b`", "a b")]
    [InlineData("wrapWith 3 `` `abcdef`", "abc\ndef")]
    [InlineData("clean ``", ".")]
    [InlineData("clean `../../a`", "../../a")]
    [InlineData("clean `/..`", "/")]
    [InlineData("clean `a/..`", ".")]
    [InlineData("dir `a//b`", "a")]
    [InlineData("adler32sum ``", "1")]
    [InlineData("explodeMap (dict `a/` 1 `b` 2)", "map[a:map[] b:2]")]
    [InlineData("mustSlice (list 1 2 3) 1 2", "[2]")]
    public void Urls_and_words(string expression, string expected) => Check(expression, expected);

    private static void Check(string expression, string expected) =>
        Assert.Equal(expected, TemplateRun.Render("{{ " + expression + " }}"));
}
