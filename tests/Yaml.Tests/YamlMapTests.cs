namespace SidecarAgent.Yaml.Tests;

public class YamlMapTests
{
    [Fact]
    public void Values_of_every_kind_are_read()
    {
        var file = YamlFile.Parse(
            """
            name: orders
            empty:
            quoted: "8443"
            on: true
            count: -3
            wait: 15m
            color: red
            inner: { key: value }
            list: [ { n: a }, { n: b } ]
            words: [ one, "two" ]
            """, "test.yaml");
        var root = file.Root;

        Assert.Equal("orders", root.Text("name"));
        Assert.Equal("", root.OptionalText("empty"));
        Assert.Equal(8443, root.WholeNumber("quoted", 0, 0, 65535));
        Assert.True(root.Boolean("on", false));
        Assert.Equal(-3, root.WholeNumber("count", 0, -5, 5));
        Assert.Equal(TimeSpan.FromMinutes(15), root.Duration("wait", TimeSpan.Zero));
        Assert.Equal("red", root.OneOf("color", "green", "green", "red"));
        Assert.Equal("value", root.Map("inner").Text("key"));
        Assert.Equal(["a", "b"], root.Maps("list").Select(map => map.Text("n")));
        Assert.Equal(["one", "two"], root.Texts("words"));
        file.ThrowIfInvalid();
    }

    [Fact]
    public void Absent_keys_give_the_fallback()
    {
        var file = YamlFile.Parse("a: 1", "test.yaml");
        var root = file.Root;
        root.Text("a");

        Assert.Null(root.OptionalText("name"));
        Assert.False(root.Has("name"));
        Assert.True(root.Boolean("on", true));
        Assert.Equal(7, root.WholeNumber("count", 7, 0, 9));
        Assert.Equal(TimeSpan.FromDays(1), root.Duration("wait", TimeSpan.FromDays(1)));
        Assert.Equal("green", root.OneOf("color", "green", "green", "red"));
        Assert.Null(root.OptionalMap("inner"));
        Assert.Empty(root.Maps("list"));
        Assert.Empty(root.Texts("words"));
        file.ThrowIfInvalid();
    }

    [Theory]
    [InlineData("text: [a]", "test.yaml:1:7: 'text' must be a single value")]
    [InlineData("text: {a: b}", "test.yaml:1:7: 'text' must be a single value")]
    [InlineData("text: ''", "test.yaml:1:7: 'text' must not be empty")]
    [InlineData("text: a\non: yes", "test.yaml:2:5: 'on' must be true or false")]
    [InlineData("text: a\ncount: 10", "test.yaml:2:8: 'count' must be a whole number from 0 to 9")]
    [InlineData("text: a\ncount: 1.5", "test.yaml:2:8: 'count' must be a whole number from 0 to 9")]
    [InlineData("text: a\ncount: 99999999999", "test.yaml:2:8: 'count' must be a whole number from 0 to 9")]
    [InlineData("text: a\ncount: [1]", "test.yaml:2:8: 'count' must be a whole number from 0 to 9")]
    [InlineData("text: a\nwait: soon", "test.yaml:2:7: 'wait' must be a duration such as 90s, 15m, 1h or 7d")]
    [InlineData("text: a\ncolor: blue", "test.yaml:2:8: 'color' must be one of green, red")]
    [InlineData("text: a\ninner: 1", "test.yaml:2:8: 'inner' must be a mapping (key: value)")]
    [InlineData("text: a\ninner: {}", "test.yaml:2:8: 'inner' needs 'key'")]
    [InlineData("text: a\nlist: 1", "test.yaml:2:7: 'list' must be a list")]
    [InlineData("text: a\nlist: {a: b}", "test.yaml:2:7: 'list' must be a list")]
    [InlineData("text: a\nlist: [1]", "test.yaml:2:8: each entry of 'list' must be a mapping (key: value)")]
    [InlineData("text: a\nwords: [[a]]", "test.yaml:2:9: each entry of 'words' must be a single value")]
    [InlineData("text: a\nwords: ['']", "test.yaml:2:9: each entry of 'words' must be a single value")]
    [InlineData("text: a\nlist: [{m: 1}]", "test.yaml:2:9: unknown key 'm' in an entry of 'list'; did you mean 'n'?")]
    [InlineData("text: a\nsurprise: 1",
        "test.yaml:2:1: unknown key 'surprise' in the file; expected color, count, inner, list, on, text, wait, words")]
    [InlineData("text: a\n? [x]\n: 1", "test.yaml:2:3: a key must be a single value")]
    [InlineData("inner: {key: v}", "test.yaml:1:1: the file needs 'text'")]
    public void A_wrong_value_is_reported_where_it_stands_with_what_was_expected(string text, string expected)
    {
        var file = YamlFile.Parse(text, "test.yaml");
        ReadEverything(file.Root);

        var e = Assert.Throws<InvalidYamlException>(file.ThrowIfInvalid);

        Assert.Equal(expected, Assert.Single(e.Problems).ToString());
    }

    [Fact]
    public void A_missing_mapping_is_reported_once_and_not_for_each_of_its_keys()
    {
        var file = YamlFile.Parse("a: 1", "test.yaml");
        file.Root.Text("a");
        var missing = file.Root.Map("inner");
        missing.Text("key");
        missing.Report("key", "not heard");
        missing.Report("not heard");

        Assert.Empty(missing.Keys);
        Assert.False(missing.Has("a"));
        var e = Assert.Throws<InvalidYamlException>(file.ThrowIfInvalid);
        Assert.Equal("test.yaml:1:1: the file needs 'inner'", e.Message);
    }

    [Fact]
    public void A_mapping_may_be_asked_for_twice_by_different_readers()
    {
        var file = YamlFile.Parse("inner: { a: 1, b: 2 }\nlist: [ { n: 1 } ]", "test.yaml");
        file.Root.Map("inner").Text("a");
        file.Root.Map("inner").Text("b");
        Assert.Single(file.Root.Maps("list"));
        file.Root.Maps("list")[0].Text("n");

        file.ThrowIfInvalid();
    }

    [Fact]
    public void Keys_that_are_names_become_known_by_listing_them()
    {
        var file = YamlFile.Parse("shop: deny\nlegacy: off", "test.yaml");

        Assert.Equal(["shop", "legacy"], file.Root.Keys);
        file.ThrowIfInvalid();
    }

    [Fact]
    public void A_reader_s_own_problem_stands_at_the_value()
    {
        var file = YamlFile.Parse("a:\n  b: 1\n", "test.yaml");
        var inner = file.Root.Map("a");
        inner.Text("b");
        inner.Report("b", "too small");
        inner.Report("c", "missing");

        var e = Assert.Throws<InvalidYamlException>(file.ThrowIfInvalid);

        Assert.Equal(["test.yaml:2:3: missing", "test.yaml:2:6: too small"], e.Problems.Select(p => p.ToString()));
    }

    private static void ReadEverything(YamlMap root)
    {
        root.Text("text");
        root.Boolean("on", false);
        root.WholeNumber("count", 0, 0, 9);
        root.Duration("wait", TimeSpan.Zero);
        root.OneOf("color", "green", "green", "red");
        root.OptionalMap("inner")?.Text("key");
        foreach (var map in root.Maps("list"))
            map.OptionalText("n");
        root.Texts("words");
    }
}
