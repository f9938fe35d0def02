import pytest

from keras_gan_translate.support.outputs import check_outputs


def test_what_is_there_is_refused_by_name(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "new" / "b.png"]
    check_outputs(paths, tmp_path)
    paths[0].write_text("mine")
    with pytest.raises(ValueError, match="a.png' exists: nothing.*--force"):
        check_outputs(paths, tmp_path)
    check_outputs(paths, tmp_path, force=True)
    (tmp_path / "new" / "b.png").mkdir(parents=True)
    with pytest.raises(ValueError, match="b.png' is a folder"):
        check_outputs(paths, tmp_path, force=True)


def test_links_out_of_the_folder_are_refused_by_force_too(tmp_path):
    out, other = tmp_path / "out", tmp_path / "other"
    out.mkdir()
    other.mkdir()
    (out / "inner").symlink_to(other)
    for force in (False, True):
        with pytest.raises(ValueError, match="outside of .*behind a link"):
            check_outputs([out / "inner" / "a.png"], out, force)
    # The folder that the user names may be a link, and lead anywhere.
    (tmp_path / "link").symlink_to(out)
    check_outputs([tmp_path / "link" / "b.png"], tmp_path / "link")


def test_a_file_that_is_a_link_is_there(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="a.png' exists"):
        check_outputs([tmp_path / "a.png"], tmp_path)
