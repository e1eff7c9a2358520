using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

public class MountPathsTests
{
    private static readonly MountPaths Mounts = new(new Dictionary<string, string>
    {
        ["/secrets"] = "/dev/shm/pod/secrets",
        ["/secrets/nested"] = "/dev/shm/pod/nested",
        ["/var/run/sidecar-agent/"] = "/dev/shm/pod/token",
    });

    [Theory]
    [InlineData("/secrets", "/dev/shm/pod/secrets")]
    [InlineData("/secrets/db.json", "/dev/shm/pod/secrets/db.json")]
    [InlineData("--file=/secrets/db.json", "--file=/dev/shm/pod/secrets/db.json")]
    [InlineData("""{"mountPath":"/secrets","a":"/var/run/sidecar-agent/token"}""",
        """{"mountPath":"/dev/shm/pod/secrets","a":"/dev/shm/pod/token/token"}""")]
    [InlineData("/secrets/nested/a:/secrets/b", "/dev/shm/pod/nested/a:/dev/shm/pod/secrets/b")]
    [InlineData("/secrets/nested-not", "/dev/shm/pod/secrets/nested-not")]
    public void A_mount_path_becomes_the_hosts_directory(string text, string expected) =>
        Assert.Equal(expected, Mounts.ToHost(text));

    [Theory]
    [InlineData("/secretsauce")]
    [InlineData("/secrets.d/x")]
    [InlineData("/opt/secrets")]
    [InlineData("kv/secrets")]
    public void A_longer_name_or_path_is_left_alone(string text) => Assert.Equal(text, Mounts.ToHost(text));

    [Fact]
    public void What_a_mount_put_in_is_not_translated_again()
    {
        var mounts = new MountPaths(new Dictionary<string, string> { ["/a"] = "/b", ["/b"] = "/a" });

        Assert.Equal("/b /a", mounts.ToHost("/a /b"));
    }

    [Fact]
    public void Output_names_paths_as_the_container_does() =>
        Assert.Equal("read /secrets/db.json", Mounts.ToContainer("read /dev/shm/pod/secrets/db.json"));

    [Fact]
    public void Without_mounts_nothing_changes() =>
        Assert.Equal("/secrets", new MountPaths(new Dictionary<string, string>()).ToHost("/secrets"));
}
