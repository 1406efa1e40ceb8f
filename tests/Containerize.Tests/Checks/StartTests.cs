namespace Containerize.Tests.Checks;

/// <summary>CTZ6003 for scripts, CTZ6010, CTZ6011 and CTZ6014: what the image starts, and as whom.</summary>
public sealed class StartTests
{
    [Fact]
    public void The_program_is_not_there()
    {
        using var absolute = TestImage.OnDebian().Starts("/app/Missing");
        Assert.Equal(
            "The image starts '/app/Missing' (ENTRYPOINT), but there is no /app/Missing in the image. "
                + "Check ContainerAppCommand, ContainerEntrypoint and ContainerWorkingDirectory, and what the base brings.",
            absolute.Finds(ErrorCodes.CommandMissing));
        using var relative = TestImage.OnDebian().Starts("./Missing");
        Assert.Contains("there is no /app/Missing in the image", relative.Finds(ErrorCodes.CommandMissing), StringComparison.Ordinal);
        using var onPath = TestImage.OnDebian().Starts("tini", "--", "dotnet", "/app/Shop.dll");
        Assert.Contains(
            "'tini' (ENTRYPOINT), but no program of that name is on the image's PATH",
            onPath.Finds(ErrorCodes.CommandMissing),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dotnet", "/app/Shop.dll")]
    [InlineData("/usr/bin/dotnet", "Shop.dll")]
    [InlineData("dotnet", "./Shop.dll")]
    [InlineData("dotnet", "exec", "/app/other.dll")]
    [InlineData("/bin/sh", "-c", "exec dotnet /app/Shop.dll")]
    public void The_program_is_there(params string[] command)
    {
        using var entrypoint = TestImage.OnDebian().Starts(command);
        entrypoint.FindsNothing();
        using var cmd = TestImage.OnDebian().Starts().WithCommand(command);
        cmd.FindsNothing();
    }

    [Fact]
    public void Without_an_entrypoint_the_command_is_started()
    {
        using var image = TestImage.OnDebian().Starts().WithCommand("Missing");
        Assert.StartsWith("The image starts 'Missing' (CMD), ", image.Finds(ErrorCodes.CommandMissing), StringComparison.Ordinal);
        using var none = TestImage.OnDebian().Starts();
        none.FindsNothing();
    }

    [Fact]
    public void The_path_of_the_image_decides()
    {
        using var image = TestImage.OnDebian().Base("opt/bin/tini").Starts("tini", "dotnet", "/app/Shop.dll");
        image.Finds(ErrorCodes.CommandMissing);
        image.Environment("PATH", "/opt/bin:/usr/bin");
        image.FindsNothing();
    }

    [Fact]
    public void The_assembly_is_not_there()
    {
        using var image = TestImage.OnDebian().Starts("dotnet", "/app/Missing.dll", "--urls", "http://+:80");
        Assert.StartsWith(
            "The image starts 'dotnet /app/Missing.dll' (ENTRYPOINT), but there is no /app/Missing.dll in the image. ",
            image.Finds(ErrorCodes.CommandMissing),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_is_no_program()
    {
        using var data = TestImage.OnDebian().Starts("/app/data.txt").Own("app/data.txt", "data", isExecutable: false);
        Assert.StartsWith(
            "The image starts '/app/data.txt' (ENTRYPOINT), but /app/data.txt is not executable. ",
            data.Finds(ErrorCodes.CommandMissing),
            StringComparison.Ordinal);
        using var directory = TestImage.OnDebian().Starts("/app");
        Assert.StartsWith(
            "The image starts '/app' (ENTRYPOINT), which is a directory. ",
            directory.Finds(ErrorCodes.CommandMissing),
            StringComparison.Ordinal);
        // A shell passes over what it may not run.
        using var later = TestImage.OnDebian().BaseData("usr/local/bin/dotnet");
        later.FindsNothing();
    }

    [Fact]
    public void A_missing_dotnet_is_said_once()
    {
        using var image = TestImage.OnDebian().Without("usr/share/dotnet", "usr/bin/dotnet");
        image.Finds(ErrorCodes.FrameworkMissing);
        using var elsewhere = TestImage.OnDebian().Without("usr/bin/dotnet");
        elsewhere.Finds(ErrorCodes.CommandMissing);
    }

    [Theory]
    [InlineData(
        "#!/bin/bash\n",
        "its interpreter /bin/bash is not in the base image 'registry.example/base:1'. "
            + "Choose a base that has it, or start the application without the script.")]
    [InlineData("#! /bin/bash -e\n", "its interpreter /bin/bash is not in the base image ")]
    [InlineData("#!/usr/bin/env python3\n", "its interpreter python3 is not on the PATH of the base image ")]
    [InlineData(
        "#!/bin/sh\r\n",
        "its first line ends as lines do on Windows, and Linux takes the carriage return for a part of the interpreter's name "
            + "(/bin/sh). Save it with LF line ends.")]
    public void The_interpreter_of_a_script_is_missing(string script, string why)
    {
        using var entrypoint = TestImage.OnDebian().Starts("/app/run.sh").Own("app/run.sh", script);
        Assert.StartsWith(
            $"The script /app/run.sh cannot be started: {why}", entrypoint.Finds(ErrorCodes.InterpreterMissing), StringComparison.Ordinal);
        using var argument = TestImage.OnDebian().Starts("/bin/sh", "-c", "./run.sh && dotnet Shop.dll").Own("app/run.sh", script);
        argument.Finds(ErrorCodes.InterpreterMissing);
        // What is not started lies there as data.
        using var unused = TestImage.OnDebian().Own("app/run.sh", script);
        unused.FindsNothing();
    }

    [Theory]
    [InlineData("#!/bin/sh\nexec dotnet /app/Shop.dll\n")]
    [InlineData("#!/usr/bin/env sh\n")]
    [InlineData("#!/usr/bin/env -S python3 -u\n")]
    [InlineData("#!/usr/bin/env NAME=value\n")]
    [InlineData("#!relative\n")]
    public void The_interpreter_of_a_script_is_there_or_cannot_be_told(string script)
    {
        using var image = TestImage.OnDebian().Starts("/app/run.sh").Own("app/run.sh", script);
        image.FindsNothing();
    }

    [Fact]
    public void A_low_port_for_somebody_who_is_not_root()
    {
        using var image = TestImage.OnDebian().User("app").Ports("8080/tcp", "80/tcp", "443/tcp");
        Assert.Equal(
            "The application will listen on the ports 80 and 443 as the user 'app', who is not root: "
                + "Podman and Kubernetes do not allow that below 1024. "
                + "Set ASPNETCORE_HTTP_PORTS=8080, for example, or ContainerUser to 'root'.",
            image.Finds(ErrorCodes.PortNeedsRoot));
    }

    [Theory]
    [InlineData("1654", "80/tcp", true)]
    [InlineData("app:app", "80/tcp", true)]
    [InlineData("1654:0", "1023/udp", true)]
    [InlineData("app", "1024/tcp", false)]
    [InlineData("root", "80/tcp", false)]
    [InlineData("0", "80/tcp", false)]
    [InlineData("0:1654", "80/tcp", false)]
    [InlineData(null, "80/tcp", false)]
    public void Root_may_use_all_ports(string? user, string port, bool isFound)
    {
        using var image = TestImage.OnDebian().Ports(port);
        if (user is not null)
            image.User(user);
        Assert.Equal(isFound ? [ErrorCodes.PortNeedsRoot] : [], image.Check().Select(finding => finding.Code));
    }

    [Fact]
    public void A_port_that_is_none()
    {
        using var image = TestImage.OnDebian().ListensOnNoPort("ASPNETCORE_HTTP_PORTS", "abc");
        Assert.Equal(
            "The variable ASPNETCORE_HTTP_PORTS tells ASP.NET Core to listen on 'abc', which has no port from 0 to 65535: "
                + "the application will not start, or listen elsewhere. Set ASPNETCORE_HTTP_PORTS to '8080', for example.",
            image.Finds(ErrorCodes.AddressInvalid));
    }

    [Theory]
    [InlineData("CMD|curl|-f|http://localhost:8080", "starts 'curl', but no program of that name is on the image's PATH: engines")]
    [InlineData("CMD|/app/check", "starts '/app/check', but there is no /app/check in the image: engines")]
    [InlineData(
        "CMD|dotnet|/app/Other.dll|--healthcheck",
        "starts 'dotnet /app/Other.dll', but there is no /app/Other.dll in the image: engines")]
    [InlineData("CMD|/app/Shop.dll", "starts '/app/Shop.dll', but /app/Shop.dll is not executable: engines")]
    [InlineData("CMD-SHELL|curl -f http://localhost:8080 || exit 1", "starts 'curl', but no program of that name")]
    [InlineData("CMD-SHELL|wget;true", "starts 'wget', but no program of that name")]
    public void The_health_check_cannot_start(string test, string why)
    {
        using var image = TestImage.OnDebian().Own("app/Shop.dll", "MZ", isExecutable: false).Healthcheck(test.Split('|', 4));
        Assert.StartsWith("The health check " + why, image.Finds(ErrorCodes.HealthcheckUnstartable), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CMD|dotnet|/app/Shop.dll|--healthcheck")]
    [InlineData("CMD|dotnet|exec|--fx-version|10.0.0|x.dll")]
    [InlineData("CMD-SHELL|dotnet Shop.dll --healthcheck")]
    [InlineData("CMD-SHELL|test -e /tmp/alive")]
    [InlineData("CMD-SHELL|[ -e /tmp/alive ]")]
    [InlineData("CMD-SHELL|A=1 curl")]
    [InlineData("CMD-SHELL|$CHECK")]
    [InlineData("CMD-SHELL|{ curl; }")]
    [InlineData("CMD-SHELL| ")]
    [InlineData("NONE")]
    public void The_health_check_can_start_or_it_cannot_be_told(string test)
    {
        using var image = TestImage.OnDebian().Healthcheck(test.Split('|'));
        image.FindsNothing();
    }

    [Fact]
    public void A_line_for_the_shell_needs_one()
    {
        using var image = TestImage.OnDebian().Without("usr/bin/sh").Healthcheck("CMD-SHELL", "dotnet Shop.dll");
        Assert.StartsWith(
            "The health check is a line for the shell /bin/sh, which is not in the image: ",
            image.Finds(ErrorCodes.HealthcheckUnstartable),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "usr/lib64/ld-linux-x86-64.so.2")]
    [InlineData("usr/lib/x86_64-linux-gnu/libc.so.6")]
    public void The_bases_own_dotnet_cannot_start(params string[] removed)
    {
        using var image = TestImage.OnDebian().Without(removed);
        Assert.Equal(
            "The .NET of the base image 'registry.example/base:1' cannot be started: "
                + "there is no C library with its loader in the image. Take none of it away with ContainerRemove, or choose another base.",
            image.Finds(ErrorCodes.InterpreterMissing));
    }

    [Fact]
    public void A_C_library_in_an_unusual_place_is_one()
    {
        using var image = TestImage.OnDebian()
            .Without(
                "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "usr/lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/libc.so.6")
            .Base("nix/store/glibc/lib/ld-linux-x86-64.so.2", "nix/store/glibc/lib/libc.so.6");
        image.FindsNothing();
    }

    [Fact]
    public void A_volume_that_is_a_file()
    {
        using var image = TestImage.OnDebian().Volume("/var/lib/shop").Volume("/usr/share").Volume("/etc/passwd");
        Assert.Equal(
            "The volume '/etc/passwd' is a file in the image, and engines mount directories only: they will refuse to start it. "
                + "Name the directory that the file lies in, or another one, in ContainerVolume.",
            image.Finds(ErrorCodes.VolumeIsFile));
        using var directories = TestImage.OnDebian().Volume("/var/lib/shop").Volume("/bin");
        directories.FindsNothing();
    }

    [Fact]
    public void Ports_are_each_told_once()
    {
        using var image = TestImage.OnDebian().User("app").Ports("53/tcp", "53/udp", "54/tcp", "80/tcp", "8080/tcp");
        Assert.StartsWith(
            "The application will listen on the ports 53, 54 and 80 as ", image.Finds(ErrorCodes.PortNeedsRoot), StringComparison.Ordinal);
    }

    [Fact]
    public void The_bases_own_dotnet_lacks_its_library()
    {
        using var image = TestImage.OnDebian()
            .Without("usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30", "usr/lib/x86_64-linux-gnu/libstdc++.so.6");
        Assert.Equal(
            "The .NET of the base image 'registry.example/base:1' cannot be started: libstdc++.so.6 is not in the image. "
                + "Do not take it away with ContainerRemove, or choose another base.",
            image.Finds(ErrorCodes.SharedLibraryMissing));
        using var musl = TestImage.OnAlpine().Without("usr/lib/libstdc++.so.6").For("linux-musl-x64");
        musl.Finds(ErrorCodes.SharedLibraryMissing);
    }

    [Fact]
    public void What_was_taken_away_is_not_the_bases_fault()
    {
        using var image = TestImage.OnDebian().TakesAway("usr/share/dotnet", "usr/bin/dotnet");
        Assert.Contains(
            "no .NET is in the base image 'registry.example/base:1' without what ContainerRemove takes away",
            image.Finds(ErrorCodes.FrameworkMissing),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_of_whom_nothing_is_known_is_not_judged()
    {
        // There is a file of users, but what is in it was not read.
        using var image = TestImage.OnScratch().Own("app/Shop", new ElfBytes { Type = 2 }).BaseData("etc/passwd").BaseData("etc/group")
            .User("somebody:group").Ports("80/tcp");
        image.FindsNothing();
    }

    [Theory]
    [InlineData("shop", "user 'shop', who is not in the image's /etc/passwd")]
    [InlineData("shop:app", "user 'shop', who is not in the image's /etc/passwd")]
    [InlineData("app:shop", "group 'shop', which is not in the image's /etc/group")]
    [InlineData("1654:shop", "group 'shop', which is not in the image's /etc/group")]
    public void A_user_or_group_is_not_known(string user, string who)
    {
        using var image = TestImage.OnDebian().User(user);
        Assert.Equal(
            $"The image runs as the {who}: engines will refuse to start it. Set ContainerUser to a name that the base image "
                + "'registry.example/base:1' knows, or to a number.",
            image.Finds(ErrorCodes.AccountMissing));
    }

    [Theory]
    [InlineData("app")]
    [InlineData("app:root")]
    [InlineData("1654")]
    [InlineData("4711:4712")]
    [InlineData("root")]
    [InlineData(":app")]
    public void A_user_and_group_are_known(string user)
    {
        using var image = TestImage.OnDebian().User(user);
        image.FindsNothing();
    }

    [Fact]
    public void Names_need_a_file_that_has_them()
    {
        using var without = TestImage.OnScratch().Own("app/Shop", new ElfBytes { Type = 2 }).User("app");
        without.Finds(ErrorCodes.AccountMissing);
        using var own = TestImage.OnScratch().Own("app/Shop", new ElfBytes { Type = 2 }).User("app")
            .Own("etc/passwd", "app:x:1654:1654::/:\n", isExecutable: false);
        own.FindsNothing();
        using var root = TestImage.OnScratch().Own("app/Shop", new ElfBytes { Type = 2 }).User("root");
        root.FindsNothing();
    }
}
