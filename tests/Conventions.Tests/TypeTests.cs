namespace SidecarAgent.Conventions.Tests;

public sealed class TypeTests
{
    private static readonly string[] SayNothing =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Common", "Info", "Data", "Processor", "Base", "Impl"];

    /// <summary>The data that a template sees is called data by everybody who writes templates.</summary>
    private static readonly string[] SaySomething = ["SecretData"];

    [Fact]
    public void Every_type_is_sealed_unless_it_is_abstract_or_static() => Offenders.None(
        OwnTypes.All.Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false }).Select(type => type.FullName));

    [Fact]
    public void No_name_ends_in_a_word_that_says_nothing() => Offenders.None(
        OwnTypes.All.Select(type => type.Name.Split('`')[0])
            .Where(name => SayNothing.Any(word => name.EndsWith(word, StringComparison.Ordinal)) && !SaySomething.Contains(name)));

    [Fact]
    public void Interfaces_stand_only_at_real_boundaries()
    {
        var interfaces = OwnTypes.All.Count(type => type.IsInterface);
        var files = SourceTree.Product.Count();
        Assert.True(interfaces * 10 <= files, $"{interfaces} interfaces in {files} files: at most a tenth");
    }

    [Fact]
    public void Every_type_lives_in_a_namespace_of_the_product() => Offenders.None(
        OwnTypes.All.Where(type => type.Namespace?.StartsWith("SidecarAgent", StringComparison.Ordinal) != true).Select(type => type.FullName));

    [Fact]
    public void There_are_types_to_look_at() => Assert.InRange(OwnTypes.All.Count, 20, int.MaxValue);
}
