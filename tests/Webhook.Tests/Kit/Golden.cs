namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>Compares what came out with a file that somebody has read and found good.</summary>
internal static class Golden
{
    public static void Matches(string actual, params string[] names)
    {
        var path = Repository.PathTo(names);
        if (Repository.IsUpdatingGolden)
            File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), $"{path} is missing; make it with UPDATE_GOLDEN=1, and read it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
