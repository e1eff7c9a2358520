using System.Text.RegularExpressions;

namespace SidecarAgent.Conventions.Tests;

public sealed partial class SourceTests
{
    private const int MostLines = 300;
    private const int DeepestFolder = 2;

    [Fact]
    public void No_hand_written_file_is_longer_than_300_lines() => Offenders.None(
        SourceTree.Files.Where(file => file.Lines.Count > MostLines).Select(file => $"{file.Path}: {file.Lines.Count} lines"));

    [Fact]
    public void Nothing_is_put_off() => Offenders.None(
        SourceTree.Files.Except(SourceTree.CSharp.Where(IsThisFile)).SelectMany(file => file.LinesWhere(line => PutOff().IsMatch(line))));

    [Fact]
    public void No_path_of_a_developers_machine() => Offenders.None(
        SourceTree.Files.Except(SourceTree.CSharp.Where(IsThisFile)).SelectMany(file => file.LinesWhere(line => DevelopersPath().IsMatch(line))));

    [Fact]
    public void Folders_are_at_most_two_deep_in_a_project()
    {
        var projects = SourceTree.Projects.Select(project => Path.GetDirectoryName(project.Path)! + "/").ToList();
        Offenders.None(SourceTree.CSharp.Where(file => projects
            .Where(project => file.Path.StartsWith(project, StringComparison.Ordinal))
            .Any(project => file.Path[project.Length..].Count(character => character == '/') > DeepestFolder)));
    }

    [Fact]
    public void A_warning_that_is_switched_off_says_why() => Offenders.None(
        SourceTree.CSharp.SelectMany(file => file.LinesWhere(line =>
            line.TrimStart().StartsWith("#pragma warning disable", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal))));

    [Fact]
    public void No_regions() => Offenders.None(
        SourceTree.CSharp.SelectMany(file => file.LinesWhere(line => line.TrimStart().StartsWith("#region", StringComparison.Ordinal))));

    [Fact]
    public void No_test_is_skipped() => Offenders.None(
        SourceTree.CSharp.SelectMany(file => file.LinesWhere(line => SkippedTest().IsMatch(line))));

    /// <summary>Or one word, where the rows of a theory read as a table.</summary>
    [Fact]
    public void Test_names_are_sentences() => Offenders.None(
        SourceTree.CSharp.SelectMany(file => TestMethod().Matches(file.Text).Select(match => match.Groups["name"].Value)
            .Where(name => WordsWithoutSpaces().IsMatch(name)).Select(name => $"{file.Path}: {name}")));

    [Fact]
    public void Versions_of_packages_are_central_and_locked()
    {
        Offenders.None(SourceTree.Projects.SelectMany(project => project.LinesWhere(line =>
            line.Contains("<PackageReference", StringComparison.Ordinal) && line.Contains("Version=", StringComparison.Ordinal))));
        Offenders.None(SourceTree.Projects.Where(project =>
            !File.Exists(Path.Combine(SourceTree.Root, Path.GetDirectoryName(project.Path)!, "packages.lock.json"))));
    }

    [Fact]
    public void There_are_files_to_look_at()
    {
        Assert.InRange(SourceTree.Product.Count(), 40, int.MaxValue);
        Assert.Contains(SourceTree.CSharp, IsThisFile);
    }

    /// <summary>Which names what it forbids.</summary>
    private static bool IsThisFile(SourceFile file) => file.Path == "tests/Conventions.Tests/SourceTests.cs";

    [GeneratedRegex(@"\b(TODO|FIXME)\b")]
    private static partial Regex PutOff();

    [GeneratedRegex(@"/home/\w+/(src|dev|code|repos|projects|git|\.nuget)\b|/Users/\w+/|[A-Z]:\\Users\\|/root/\.")]
    private static partial Regex DevelopersPath();

    [GeneratedRegex(@"\[(Fact|Theory)\(.*\bSkip\s*=")]
    private static partial Regex SkippedTest();

    [GeneratedRegex("^[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]*$")]
    private static partial Regex WordsWithoutSpaces();

    [GeneratedRegex(@"\[(Fact|Theory)\b[^\n]*\n(\s*\[[^\n]*\n)*\s*public\s+(async\s+)?\w+\s+(?<name>\w+)\(")]
    private static partial Regex TestMethod();
}
