using CsCheck;

namespace SidecarAgent.Yaml.Tests;

public class YamlFileTests
{
    [Theory]
    [InlineData("", "test.yaml:1:1: expected one YAML document, got 0")]
    [InlineData("# nothing", "test.yaml:1:1: expected one YAML document, got 0")]
    [InlineData("a: 1\n---\nb: 2", "test.yaml:1:1: expected one YAML document, got 2")]
    [InlineData("- a", "test.yaml:1:1: expected a mapping (key: value) at the top of the file")]
    [InlineData("text", "test.yaml:1:1: expected a mapping (key: value) at the top of the file")]
    [InlineData("a: 1\na: 2", "test.yaml:2:1: not valid YAML: Duplicate key a")]
    [InlineData("a: 1\nb: [1", "test.yaml:3:1: not valid YAML: ")]
    [InlineData("a:\n\tb: 1", "not valid YAML: ")]
    [InlineData("a: \"\\q\"", "test.yaml:1:4: not valid YAML: ")]
    [InlineData("a: [>\nc%", "not valid YAML: malformed after this")]
    [InlineData("a: &x [1]\nb: *x", "test.yaml:2:4: not valid YAML: aliases are not supported; write out what *x stands for")]
    public void What_is_not_one_mapping_is_refused_with_its_place(string text, string expected)
    {
        var e = Assert.Throws<InvalidYamlException>(() => YamlFile.Parse(text, "test.yaml"));

        Assert.Contains(expected, Assert.Single(e.Problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Deep_nesting_is_refused_before_it_overflows_the_stack(char bracket)
    {
        var e = Assert.Throws<InvalidYamlException>(
            () => YamlFile.Parse($"a: {new string(bracket, 500_000)}", "test.yaml"));

        Assert.Contains("more than 32 levels deep", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_over_the_limit_is_refused_with_its_size()
    {
        var e = Assert.Throws<InvalidYamlException>(
            () => YamlFile.Parse($"a: {new string('x', 1024 * 1024)}", "test.yaml"));

        Assert.Equal("test.yaml:1:1: the file has 1048579 characters; at most 1048576 are allowed", e.Message);
    }

    [Fact]
    public void All_problems_are_reported_at_once_in_the_order_of_the_file()
    {
        var file = YamlFile.Parse("lisen: x\nport: many\nsize: 3\n", "test.yaml");
        file.Root.OptionalText("listen");
        file.Root.WholeNumber("size", 1, 1, 2);
        file.Root.WholeNumber("port", 1, 1, 65535);

        var e = Assert.Throws<InvalidYamlException>(file.ThrowIfInvalid);

        Assert.Equal(
            [
                "test.yaml:1:1: unknown key 'lisen' in the file; did you mean 'listen'?",
                "test.yaml:2:7: 'port' must be a whole number from 1 to 65535",
                "test.yaml:3:7: 'size' must be a whole number from 1 to 2",
            ],
            e.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Any_text_is_read_or_refused_but_never_crashes_the_reader() =>
        Gen.String[Gen.Char["abc:-[]{}&*!|>'\"%@`#, \n\t\\?\0\u00e9"], 0, 60].Sample(
            text =>
            {
                try
                {
                    var file = YamlFile.Parse(text, "test.yaml");
                    _ = file.Root.Keys.Count();
                    file.ThrowIfInvalid();
                }
                catch (InvalidYamlException e)
                {
                    Assert.NotEmpty(e.Problems);
                }
            },
            iter: 20_000);
}
